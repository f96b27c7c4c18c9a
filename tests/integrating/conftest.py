"""The programs of the page, and one world for them: on SQLite, because they ask no SQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import obstore.store
import pytest
from strawberry import Schema

from app import create_app
from auth.keys import Keys
from database.database import Database
from models.clock import WallClock
from parts import Parts
from resolvers.pictures import Pictures
from tests import npm
from tests.client import Client
from tests.databases import Files
from tests.given import World
from tests.integrating.page import write_programs
from tests.serving.process import Command
from tests.subscriptions import npm_clients

SERVE = ("serve", "--host", "127.0.0.1", "--port", "PORT")


@pytest.fixture(scope="session")
async def database_url(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> str:
    folder = tmp_path_factory.mktemp("integrating")
    return await (await Files.open(folder)).fresh(folder)


@pytest.fixture(scope="session")
async def parts(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Parts]:
    """The parts of the servers, at their time."""
    keys = Keys(b"k" * 32)
    store = obstore.store.LocalStore(str(tmp_path_factory.mktemp("pictures")))
    parts = Parts(Database.open(database_url), keys, Pictures(store, keys), WallClock())
    yield parts
    await parts.pictures.close()
    await parts.database.close()


@pytest.fixture(scope="session")
def given(parts: Parts) -> World:
    return World(parts)


@pytest.fixture(scope="session")
async def client(parts: Parts, schema: Schema) -> AsyncIterator[Client]:
    """A client beside the servers, also while they are away."""
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as client:
        yield client


@pytest.fixture(scope="session")
async def server(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Command]:
    """A server that also sends webhooks to this machine."""
    options = {"webhooks_inside": "true", "data_dir": str(tmp_path_factory.mktemp("data"))}
    async with Command.start(*SERVE, database_url=database_url, **options) as server:
        await server.ready()
        yield server


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder of the programs."""
    for package in ("graphql-ws", "standardwebhooks"):
        npm.require(package, npm_clients.HERE)
    folder = tmp_path / "programs"
    folder.mkdir()
    write_programs(folder)
    return folder
