"""Walks through the console on a demo. Each walk is a function of ``walks.mjs``."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scripted import printed_by
from tests.serving.process import Command
from transport.console import DOCUMENTS

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("console")
    async with Command.start(
        *("demo", "--port", "PORT"),
        database_url=f"sqlite:///{folder / 'aftersales.db'}",
        data_dir=str(folder),
        webhooks_inside="true",  # a walk receives them on this machine
    ) as command:
        await command.ready()
        yield f"http://127.0.0.1:{command.port}"


async def test_the_walks_of_the_desk(demo: str) -> None:
    if not DOCUMENTS.exists():
        pytest.skip("the console is not built: make setup")
    results = await printed_by(HERE / "walks.mjs", demo)
    assert results
    assert {walk["name"]: walk["faults"] for walk in results if walk["faults"]} == {}
