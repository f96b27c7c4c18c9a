"""The library, open for all tests of a module."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from tests.projection.library import Library


@pytest.fixture(scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Library]:
    file: Path = tmp_path_factory.mktemp("library") / "library.db"
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    async with engine.connect() as connection:
        yield await Library.open(connection)
    await engine.dispose()
