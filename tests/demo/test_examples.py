"""The examples for clients run against the demo: each prints its steps."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from database.database import Database
from demo.create import create
from tests import npm
from tests.databases import Files
from tests.demo.reading import FEW, pictures_in
from tests.serving.process import PATIENCE_S, Command

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "examples"
MOST_LINES = 150
SERVE = ("serve", "--host", "127.0.0.1", "--port", "PORT")
PACKAGES = {"apollo": "@apollo/client", "urql": "@urql/core", "relay": "relay-runtime"}
STEPS = ["signIn", "queue", "upload", "review", "refused", "live", "retry"]


@pytest.fixture(scope="module")
async def server(
    tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Command]:
    """A server of a small demo."""
    folder = tmp_path_factory.mktemp("examples")
    url = await (await Files.open(folder)).fresh(folder)
    database = Database.open(url)
    await create(database, pictures_in(folder), datetime.now(UTC), lambda _count: None, orders=FEW)
    await database.close()
    data = str(folder)
    async with Command.start(*SERVE, database_url=url, data_dir=data, sandbox="true") as server:
        await server.ready()
        yield server


async def run(server: Command, folder: Path, *command: str) -> list[dict[str, Any]]:
    """The steps that the command prints."""
    address = f"http://127.0.0.1:{server.port}/graphql"
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "AFTERSALES_URL": address},
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_S):
        printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return [json.loads(line) for line in printed.splitlines() if line.startswith(b"{")]


@pytest.mark.parametrize("name", ["erp", *PACKAGES])
async def test_an_example_signs_in_follows_reviews_uploads_and_sends_again(
    server: Command, name: str
) -> None:
    folder = EXAMPLES / name
    if name == "erp":
        steps = await run(server, folder, sys.executable, "erp.py")
    else:
        npm.require(PACKAGES[name], folder)
        if name == "relay":
            await run(server, folder, "node_modules/.bin/relay-compiler")
        steps = await run(server, folder, "node", "index.mjs")
    assert [step["step"] for step in steps] == STEPS
    [signed_in, queue, _, review, refused, live, retry] = steps
    assert signed_in["viewer"] == "李审言"
    assert {review["optimistic"], review["confirmed"], refused["status"]} == {"AWAITING_SHIPMENT"}
    assert refused["code"] == "ALREADY_DECIDED"
    assert live["waiting"] < queue["waiting"]
    assert retry["replayed"] is True


def test_an_example_is_short() -> None:
    programs = [*EXAMPLES.glob("*/*.mjs"), *EXAMPLES.glob("*/*.py")]
    assert len(programs) == 4
    for program in programs:
        lines = program.read_text("utf-8").splitlines()
        code = [line for line in lines if line.strip() and not line.strip().startswith(("//", "#"))]
        assert len(code) < MOST_LINES, program
