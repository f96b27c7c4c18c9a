"""The demo, made once for all tests that only look at it."""

from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.stand_up import stand_up
from tests.demo.reading import NOW, Made, copy_of, pictures_in


@pytest.fixture(scope="session")
async def made(
    empty_file: Path, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Made]:
    folder = tmp_path_factory.mktemp("demo")
    database, pictures = copy_of(empty_file, folder), pictures_in(folder)
    await stand_up(database, pictures, NOW, Console(file=StringIO()))
    yield await Made.read(database, pictures)
    await database.close()
