"""What every test can ask for: a database, a server in the process, and time that stands still."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore.store
import pytest

from app import Parts, create_app
from auth.keys import Keys
from models.database import Database
from resolvers.pictures import Pictures
from schema.build import build
from tests.both import both, walking
from tests.client import Client
from tests.databases import Backend, Files, Server, server
from tests.given import World

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class StoppedClock:
    """Time that moves only when a test says so."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def pass_(self, time: timedelta) -> None:
        self.time += time


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def schema():
    return build()


@pytest.fixture(scope="session")
def walking_schema():
    return walking()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
async def backend(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Backend]:
    """Where databases come from: what asks for it, or for what is made with it, runs on each."""
    folder = tmp_path_factory.mktemp("backend")
    if request.param == "sqlite":
        yield await Files.open(folder)
        return
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with server(folder) as url:
        opened = await Server.open(url, f"aftersales_test_{worker}")
        yield opened
        await opened.close()


@pytest.fixture
async def database_url(backend: Backend, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a migrated database without a row."""
    url = await backend.fresh(tmp_path)
    yield url
    await backend.release(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def parts(database: Database, clock: StoppedClock, tmp_path: Path) -> Parts:
    keys = Keys(b"k" * 32)
    store = obstore.store.LocalStore(str(tmp_path / "pictures"), mkdir=True)
    return Parts(database, keys, Pictures(store, keys), clock)


@pytest.fixture
def given(parts: Parts) -> World:
    return World(parts)


@pytest.fixture
async def client(
    request: pytest.FixtureRequest, parts: Parts, schema, walking_schema
) -> AsyncIterator[Client]:
    """Every query that a test asks is asked twice: see tests/both.py."""
    if request.node.get_closest_marker("asked_once"):
        async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as opened:
            yield opened
        return
    async with both(parts, schema, walking_schema) as opened:
        yield opened
