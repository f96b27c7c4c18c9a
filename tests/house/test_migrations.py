"""The migrations lead up and down on every database, and make what the models say."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from models import schema_version
from models.database import Database
from tests.databases import Backend

pytestmark = pytest.mark.anyio


def _tables(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


async def tables(database: Database) -> set[str]:
    async with database.read() as connection:
        return await connection.run_sync(_tables)


async def test_they_make_what_the_models_say(database: Database) -> None:
    await schema_version.compare(database)


async def test_a_column_too_many_is_seen(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(sa.text("ALTER TABLE evidence ADD COLUMN surplus INTEGER"))
    with pytest.raises(schema_version.Differs, match="surplus"):
        await schema_version.compare(database)


async def test_they_lead_down_to_nothing_and_up_again(database: Database) -> None:
    full = await tables(database)
    await schema_version.downgrade(database)
    assert await tables(database) == {"alembic_version"}
    assert not await schema_version.is_current(database)
    await schema_version.upgrade(database)
    assert await tables(database) == full
    assert await schema_version.is_current(database)
    await schema_version.compare(database)


async def test_several_that_start_at_once_migrate_once(backend: Backend, tmp_path: Path) -> None:
    url = await backend.fresh(tmp_path)
    processes = [Database.open(url) for _ in range(4)]
    await schema_version.downgrade(processes[0])
    await asyncio.gather(*(schema_version.upgrade(one) for one in processes))
    await schema_version.compare(processes[0])
    for one in processes:
        await one.close()
    await backend.release(url)
