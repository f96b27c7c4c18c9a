"""Concurrent statements run as one batch; each gets the rows that it would get alone."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from database.availability import Unreachable
from database.connection_limiter import Limits, Overloaded
from database.database import Database
from database.driver_connection import LISTENERS, DriverConnection, StatementEvent
from database.prepared import BatchablePrepared
from tests.ports import free_port

pytestmark = pytest.mark.anyio

MANY: Final = 50
PATIENCE_S: Final = 30
N: Final = sa.bindparam("n", type_=sa.Integer)
DOUBLED: Final = BatchablePrepared(sa.select((N * 2).label("twice")).where(N != 3))
ENDLESS: Final = 2**31 - 1
"""Counting this far takes minutes."""


def _counting() -> sa.Select[Any]:
    count = sa.select(sa.literal(1).label("n")).cte("count", recursive=True)
    count = count.union_all(sa.select(count.c.n + 1).where(count.c.n < N))
    return sa.select(sa.func.max(count.c.n).label("most"))


COUNTED: Final = BatchablePrepared(_counting())


@pytest.fixture
def events() -> Iterator[list[StatementEvent]]:
    """The statements that the drivers run."""
    events: list[StatementEvent] = []

    LISTENERS.append(events.append)
    yield events
    LISTENERS.remove(events.append)


async def ask(database: Database, statement: BatchablePrepared, n: object) -> list[Any]:
    async with database.read_prepared() as session:
        return await statement.all(session, n=n)


async def ask_all(
    database: Database, statement: BatchablePrepared, numbers: Sequence[object]
) -> list[Any]:
    """The rows of each, or the exception."""
    asking = (ask(database, statement, n) for n in numbers)
    return await asyncio.gather(*asking, return_exceptions=True)


async def test_the_first_runs_at_once_and_the_others_as_a_batch(
    database: Database, events: list[StatementEvent]
) -> None:
    results = await ask_all(database, DOUBLED, range(MANY))
    assert results == [[] if n == 3 else [(2 * n,)] for n in range(MANY)]
    assert len(events) == (MANY if database.is_sqlite else 2)
    assert await ask(database, DOUBLED, 21) == [(42,)]
    assert events[-1].statement == events[0].statement  # alone, it is not a batch statement


async def test_an_error_reaches_only_the_request_that_causes_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite takes any value for a number")
    results = await ask_all(database, DOUBLED, [1, 2, "three", 4, 2**40])
    assert [results[at] for at in (0, 1, 3)] == [[(2,)], [(4,)], [(8,)]]
    assert [type(results[at]).__name__ for at in (2, 4)] == ["DataError", "DataError"]
    assert "run alone: DataError" in caplog.text
    assert "three" not in caplog.text


async def test_a_cancelled_request_is_not_run_and_does_not_disturb_the_others(
    database: Database, events: list[StatementEvent]
) -> None:
    asking = [asyncio.create_task(ask(database, DOUBLED, n)) for n in range(10, 20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    asking[4].cancel()
    async with asyncio.timeout(PATIENCE_S):
        results = await asyncio.gather(*asking, return_exceptions=True)
    assert [
        n for n, result in enumerate(results) if isinstance(result, asyncio.CancelledError)
    ] == [0, 4]
    assert results[1:4] + results[5:] == [[(2 * n,)] for n in (11, 12, 13, 15, 16, 17, 18, 19)]
    assert "14" not in str([event.values for event in events])


async def test_a_slow_statement_does_not_hold_up_later_ones(database: Database) -> None:
    long = asyncio.create_task(ask(database, COUNTED, ENDLESS))
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.sleep(0.05)
        assert await ask_all(database, COUNTED, [1, 2, 3]) == [[(1,)], [(2,)], [(3,)]]
    assert not long.done()
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long


async def test_on_sqlite_a_batch_holds_different_statements(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL runs one batch statement, and no mixed batch")
    sizes: list[int] = []
    run_batch = DriverConnection.run_batch

    async def noted(connection: DriverConnection, calls: Sequence[Any]) -> Any:
        sizes.append(len(calls))
        return await run_batch(connection, calls)

    with patch.object(DriverConnection, "run_batch", noted):
        statements = [DOUBLED, COUNTED] * 5
        results = await asyncio.gather(*(ask(database, statement, 5) for statement in statements))
    assert results == [[(10,)], [(5,)]] * 5
    assert sizes == [8, 1]


async def test_on_sqlite_a_slow_statement_of_a_batch_runs_alone(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL runs one batch statement, and no mixed batch")
    asking = [asyncio.create_task(ask(database, COUNTED, n)) for n in (1, 2, ENDLESS, 4)]
    async with asyncio.timeout(PATIENCE_S):
        quick = [await asking[at] for at in (0, 1, 3)]
    assert quick == [[(1,)], [(2,)], [(4,)]]
    assert not asking[2].done()
    asking[2].cancel()
    await asyncio.wait([asking[2]], timeout=PATIENCE_S)
    assert asking[2].cancelled()


async def test_every_request_of_a_batch_learns_that_the_database_is_unreachable() -> None:
    port = free_port()
    away = Database.open(f"postgresql+asyncpg://nobody@127.0.0.1:{port}/none")
    results = await ask_all(away, DOUBLED, range(MANY))
    assert {type(result) for result in results} == {Unreachable}
    await away.close()


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    """A database with one connection and a short patience."""
    limits = Limits(connections=1, patience=timedelta(seconds=1))
    opened = Database.open(database_url, limits)
    yield opened
    await opened.close()


async def test_every_request_of_a_batch_learns_that_the_database_is_overloaded(
    small: Database,
) -> None:
    async with small.read():
        results = await ask_all(small, DOUBLED, range(20))
    assert {type(result) for result in results} == {Overloaded}
    assert await ask_all(small, DOUBLED, range(3)) == [[(0,)], [(2,)], [(4,)]]


async def test_each_request_of_a_batch_counts_as_one_in_the_queue(database_url: str) -> None:
    narrow = Database.open(database_url, Limits(connections=1, waiting=3))
    async with narrow.read():
        first = asyncio.create_task(ask(narrow, DOUBLED, 1))
        await asyncio.sleep(0)
        results = await ask_all(narrow, DOUBLED, [2, 4, 5])
        assert {type(result) for result in results} == {Overloaded}
        assert not first.done()
    assert await first == [(2,)]
    await narrow.close()
