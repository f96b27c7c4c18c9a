"""Abandoned, slow and disconnected transactions end, together with their statements."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.addresses import file_of
from database.availability import Unreachable
from database.connection_limiter import Limits, TooSlow
from database.database import Database
from database.prepared import AnyConnection, Prepared
from jobs.timers import next_due

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
        while not await _answers(opens):  # there is only one connection, and it works again
            pass


async def _answers(opens: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> bool:
    """False if even the smallest statement takes too long, as it may on a busy machine."""
    try:
        async with opens() as connection:
            return bool((await connection.execute(sa.select(1))).scalar_one() == 1)
    except TooSlow:
        return False


async def test_a_read_can_be_cancelled_at_any_moment(database: Database, runs_on: str) -> None:
    if runs_on == "pgbouncer":
        pytest.skip("asyncpg reports each cancel request as failed, as PgBouncer hangs up on it")

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


@pytest.mark.parametrize("way", ["write", "write_prepared", "autocommit", "read_prepared"])
async def test_prepared_statements_raise_unreachable_when_the_server_hangs_up(
    database_url: str, runs_on: str, way: str
) -> None:
    if file_of(database_url):
        pytest.skip("SQLite has no server")
    if runs_on == "pgbouncer":
        pytest.skip("the session that PgBouncer lends is not known beforehand")
    database, statement = Database.open(database_url), Prepared(sa.select(sa.literal(1)))
    opens: dict[str, Callable[[], AbstractAsyncContextManager[AnyConnection]]] = {
        "write": database.write,
        "write_prepared": database.write_prepared,
        "autocommit": database.autocommit,
        "read_prepared": database.read_prepared,
    }

    async def ask(*, is_cut: bool) -> list[tuple[int]]:
        async with opens[way]() as session:
            if is_cut:
                await _hang_up_on(database, session)
            return await statement.all(session)

    with pytest.raises(Unreachable):
        await ask(is_cut=True)
    assert await ask(is_cut=False) == [(1,)]
    await database.close()


async def _hang_up_on(database: Database, session: AnyConnection) -> None:
    [(pid,)] = await Prepared(sa.select(sa.func.pg_backend_pid())).all(session)
    async with database.read(vital=True) as other:
        await other.execute(sa.select(sa.func.pg_terminate_backend(pid)))
    await asyncio.sleep(0.1)
