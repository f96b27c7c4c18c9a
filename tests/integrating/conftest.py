"""The programs of the page, and their world: on SQLite, at the time of the server's process."""

from pathlib import Path

import pytest

from models.clock import WallClock
from tests import npm
from tests.databases import Files
from tests.integrating.page import write_programs
from tests.subscriptions import npm_clients


@pytest.fixture(scope="session")
async def files(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> Files:
    return await Files.open(tmp_path_factory.mktemp("integrating"))


@pytest.fixture
async def database_url(files: Files, tmp_path: Path) -> str:
    return await files.fresh(tmp_path)


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder of the programs."""
    npm.require("graphql-ws", npm_clients.HERE)
    folder = tmp_path / "programs"
    folder.mkdir()
    write_programs(folder)
    return folder
