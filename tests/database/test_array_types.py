"""A connection knows the arrays that statements pass, without a look into the catalogue."""

from datetime import UTC, datetime

import pytest
from asyncpg import Connection

from database.array_types import ARRAYS
from database.database import Database
from database.driver_connection import DriverConnection

pytestmark = pytest.mark.anyio

VALUES = {
    "bool": [True, None],
    "int2": [1, 2],
    "int4": [-1, 2],
    "int8": [2**62],
    "text": ["甲", "a,b"],
    "varchar": [],
    "timestamptz": [datetime(2026, 11, 22, tzinfo=UTC)],
    "float8": [0.5],
    "json": ['{"a":[1]}', None],
}


async def test_no_type_of_an_array_is_looked_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no arrays")

    async def look_up(*_: object) -> None:
        pytest.fail("the driver looks up a type")

    monkeypatch.setattr(Connection, "_introspect_types", look_up)
    assert VALUES.keys() == ARRAYS.keys()
    arrays = [f"${number}::{name}[]" for number, name in enumerate(VALUES, 1)]
    async with database.read() as connection:
        driver = await DriverConnection.within(connection)
        [row] = await driver.fetch(f"SELECT {', '.join(arrays)}", list(VALUES.values()))
    assert list(row) == [*list(VALUES.values())[:-1], [{"a": [1]}, None]]
