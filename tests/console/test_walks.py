"""Walks through the console on a demo. Each walk is a function of ``walks.mjs``."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests import npm
from tests.serving.process import Command
from transport.console import DOCUMENTS

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 1800


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
    results = await printed_by("walks.mjs", demo)
    assert results
    assert {walk["name"]: walk["faults"] for walk in results if walk["faults"]} == {}


async def printed_by(script: str, address: str) -> Any:
    """What a script that drives a browser prints. Any: it is JSON."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"the console needs a browser, and there is no {' or '.join(BROWSERS)} here")
    if not DOCUMENTS.exists():
        pytest.skip("the console is not built: make setup")
    for package in ("playwright-core", "axe-core"):
        npm.require(package, HERE.parent / "browser")
    running = await asyncio.create_subprocess_exec(
        *("node", str(HERE / script), address, browser), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            printed, _ = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
    return json.loads(printed)
