"""The demo, made once for all tests that only look at it."""

from collections.abc import AsyncIterator
from io import StringIO

import pytest
from rich.console import Console

from database.database import Database
from demo.stand_up import stand_up
from tests.databases import Backend
from tests.demo.reading import NOW, Made, pictures_in


@pytest.fixture(scope="session")
async def made(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Made]:
    folder = tmp_path_factory.mktemp("demo")
    url = await backend.fresh(folder)
    database, pictures = Database.open(url), pictures_in(folder)
    await stand_up(database, pictures, NOW, Console(file=StringIO()))
    yield await Made.read(database, pictures)
    await database.close()
    await backend.release(url)
