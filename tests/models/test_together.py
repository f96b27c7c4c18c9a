"""What many ask at the same time goes together, and each is answered as if they had asked alone."""

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
from tests.faults.processes import free_ports

pytestmark = pytest.mark.anyio

MANY: Final = 50
PATIENCE_S: Final = 30
N: Final = sa.bindparam("n", type_=sa.Integer)
DOUBLED: Final = BatchablePrepared(sa.select((N * 2).label("twice")).where(N != 3))
ENDLESS: Final = 2**31 - 1
"""To count to which takes minutes."""


def _counting() -> sa.Select[Any]:
    count = sa.select(sa.literal(1).label("n")).cte("count", recursive=True)
    count = count.union_all(sa.select(count.c.n + 1).where(count.c.n < N))
    return sa.select(sa.func.max(count.c.n).label("most"))


COUNTED: Final = BatchablePrepared(_counting())


@pytest.fixture
def told() -> Iterator[list[StatementEvent]]:
    """What the driver is asked."""
    found: list[StatementEvent] = []

    def note(one: StatementEvent) -> None:
        found.append(one)

    LISTENERS.append(note)
    yield found
    LISTENERS.remove(note)


async def ask(database: Database, statement: BatchablePrepared, n: object) -> list[Any]:
    async with database.rows() as session:
        return await statement.all(session, n=n)


async def ask_all(
    database: Database, statement: BatchablePrepared, every: Sequence[object]
) -> list[Any]:
    """The rows for each, or what was raised."""
    asking = (ask(database, statement, n) for n in every)
    return await asyncio.gather(*asking, return_exceptions=True)


async def test_the_first_goes_at_once_and_the_others_together(
    database: Database, told: list[StatementEvent]
) -> None:
    found = await ask_all(database, DOUBLED, range(MANY))
    assert found == [[] if n == 3 else [(2 * n,)] for n in range(MANY)]
    assert len(told) == (MANY if database.is_sqlite else 2)
    assert await ask(database, DOUBLED, 21) == [(42,)]
    assert told[-1].statement == told[0].statement  # whoever is alone asks the statement itself


async def test_what_is_wrong_with_one_is_told_to_that_one_alone(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite takes any value for a number")
    found = await ask_all(database, DOUBLED, [1, 2, "three", 4, 2**40])
    assert [found[at] for at in (0, 1, 3)] == [[(2,)], [(4,)], [(8,)]]
    assert [type(found[at]).__name__ for at in (2, 4)] == ["DataError", "DataError"]
    assert "asked apart: DataError" in caplog.text
    assert "three" not in caplog.text


async def test_for_who_is_gone_nothing_is_done_and_nobody_is_kept_from_an_answer(
    database: Database, told: list[StatementEvent]
) -> None:
    asking = [asyncio.create_task(ask(database, DOUBLED, n)) for n in range(10, 20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    asking[4].cancel()
    async with asyncio.timeout(PATIENCE_S):
        found = await asyncio.gather(*asking, return_exceptions=True)
    assert [n for n, one in enumerate(found) if isinstance(one, asyncio.CancelledError)] == [0, 4]
    assert found[1:4] + found[5:] == [[(2 * n,)] for n in (11, 12, 13, 15, 16, 17, 18, 19)]
    assert "14" not in str([one.values for one in told])


async def test_who_takes_long_does_not_keep_those_who_come_later(database: Database) -> None:
    long = asyncio.create_task(ask(database, COUNTED, ENDLESS))
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.sleep(0.05)
        assert await ask_all(database, COUNTED, [1, 2, 3]) == [[(1,)], [(2,)], [(3,)]]
    assert not long.done()
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long


async def test_on_sqlite_whatever_is_asked_goes_together(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("a server runs one statement for many, and what may take long is not asked so")
    visits: list[int] = []
    fetch_each = DriverConnection.run_each

    async def noted(rows: DriverConnection, asked: Sequence[Any]) -> Any:
        visits.append(len(asked))
        return await fetch_each(rows, asked)

    with patch.object(DriverConnection, "run_each", noted):
        every = [DOUBLED, COUNTED] * 5
        found = await asyncio.gather(*(ask(database, one, 5) for one in every))
    assert found == [[(10,)], [(5,)]] * 5
    assert visits == [8, 1]


async def test_on_sqlite_who_takes_long_in_company_goes_on_alone(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("a server runs one statement for many, and what may take long is not asked so")
    asking = [asyncio.create_task(ask(database, COUNTED, n)) for n in (1, 2, ENDLESS, 4)]
    async with asyncio.timeout(PATIENCE_S):
        quick = [await asking[at] for at in (0, 1, 3)]
    assert quick == [[(1,)], [(2,)], [(4,)]]
    assert not asking[2].done()
    asking[2].cancel()
    await asyncio.wait([asking[2]], timeout=PATIENCE_S)
    assert asking[2].cancelled()


async def test_that_the_database_is_away_is_told_to_all() -> None:
    (port,) = free_ports(1)
    away = Database.open(f"postgresql+asyncpg://nobody@127.0.0.1:{port}/none")
    found = await ask_all(away, DOUBLED, range(MANY))
    assert {type(one) for one in found} == {Unreachable}
    await away.close()


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    """A database of one connection, for which nobody waits for long."""
    limits = Limits(connections=1, patience=timedelta(seconds=1))
    opened = Database.open(database_url, limits)
    yield opened
    await opened.close()


async def test_that_there_is_too_much_to_do_is_told_to_all(small: Database) -> None:
    async with small.read():
        found = await ask_all(small, DOUBLED, range(20))
    assert {type(one) for one in found} == {Overloaded}
    assert await ask_all(small, DOUBLED, range(3)) == [[(0,)], [(2,)], [(4,)]]


async def test_those_who_go_together_take_a_place_in_the_queue_each(database_url: str) -> None:
    narrow = Database.open(database_url, Limits(connections=1, waiting=3))
    async with narrow.read():
        first = asyncio.create_task(ask(narrow, DOUBLED, 1))
        await asyncio.sleep(0)
        found = await ask_all(narrow, DOUBLED, [2, 4, 5])
        assert {type(one) for one in found} == {Overloaded}
        assert not first.done()
    assert await first == [(2,)]
    await narrow.close()
