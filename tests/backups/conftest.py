"""An empty, migrated SQLite database, made once."""

from pathlib import Path

import pytest

from database.database import Database
from models import schema_version


@pytest.fixture(scope="session")
async def empty(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> Path:
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    await schema_version.upgrade(database)
    await database.close()
    return file
