"""A transaction that nobody waits for any more: it ends, and what it was doing ends with it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import pytest
import sqlalchemy as sa

from jobs.auto_approval import next_due
from models.database import Database
from models.lane import Limits, TooSlow

pytestmark = pytest.mark.anyio

ENDLESS: Final = {
    "sqlite": (
        "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"
    ),
    "postgresql": "SELECT pg_sleep(3600)",
}
PATIENCE_S: Final = 30


@pytest.fixture
async def hasty(database_url: str) -> AsyncIterator[Database]:
    """A database that gives each transaction a fifth of a second."""
    opened = Database.open(database_url, Limits(connections=1, transaction=timedelta(seconds=0.2)))
    yield opened
    await opened.close()


@pytest.mark.parametrize("way", ["read", "write"])
async def test_a_statement_that_takes_too_long_is_stopped(hasty: Database, way: str) -> None:
    opens = hasty.read if way == "read" else hasty.write
    endless = sa.text(ENDLESS[hasty.writing.dialect.name])
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(TooSlow):
            async with opens() as connection:
                await connection.execute(endless)
        async with opens() as connection:  # there is only one, and it works again
            assert (await connection.execute(sa.select(1))).scalar_one() == 1


async def test_whoever_is_cancelled_ends_at_whatever_moment(
    database: Database, runs_on: str
) -> None:
    if runs_on == "pgbouncer":
        pytest.skip("asyncpg says of each cancel request that PgBouncer hangs up on that it failed")

    async def ask() -> None:
        while True:
            await next_due(database)

    for moment in range(100):
        asking = asyncio.create_task(ask())
        await asyncio.sleep(moment / 10_000)
        asking.cancel()
        done, _ = await asyncio.wait([asking], timeout=PATIENCE_S)
        assert done
        assert asking.cancelled()
