"""What every test can ask for: a database, a server in the process, and time that stands still."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore.store
import pytest

from app import Parts, create_app
from auth.keys import Keys
from models import schema_version
from models.database import Database
from resolvers.pictures import Pictures
from schema.build import build
from tests.client import Client
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
async def empty_file(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> Path:
    """A migrated database without a row, to be copied: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("database") / "empty.db"
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    await schema_version.upgrade(database)
    await database.close()
    return file


@pytest.fixture
async def database(empty_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    file = tmp_path / "aftersales.db"
    file.write_bytes(empty_file.read_bytes())
    opened = Database.open(f"sqlite+aiosqlite:///{file}")
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
async def client(parts: Parts, schema) -> AsyncIterator[Client]:
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as opened:
        yield opened
