"""A write is a transaction, or the one write of an autocommit session."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa

from database.autocommit import FailedAfterWrite, SecondWrite
from database.database import Database
from database.lazy_connection import LazyConnection
from database.prepared import AnyConnection, BatchablePrepared, Pair, Prepared
from domain.refusals.general import NotYours
from domain.refusals.refusal import Refused
from models.write_mark import write_marks
from tests.conftest import NOON

pytestmark = pytest.mark.anyio

# A table that refers to no other: a row for each number, and a count in it.
_COLUMNS: Final = write_marks.c
_NUMBER: Final = sa.bindparam("at", type_=_COLUMNS.viewer.type)
_ROW: Final = {
    "viewer": _NUMBER,
    "slot": sa.literal(0),
    "position": sa.literal(1),
    "written_at": sa.literal(NOON, _COLUMNS.written_at.type),
}
INSERT: Final = Prepared(sa.insert(write_marks).values(_ROW).returning(_COLUMNS.viewer))
COUNT: Final = Prepared(
    sa.update(write_marks)
    .where(_COLUMNS.viewer == _NUMBER)
    .values(position=_COLUMNS.position + 1)
    .returning(_COLUMNS.position)
)
READ: Final = BatchablePrepared(sa.select(_COLUMNS.position).where(_COLUMNS.viewer == _NUMBER))

Opens = Callable[[], AbstractAsyncContextManager[AnyConnection]]


async def count(database: Database, at: int) -> list[tuple[int]]:
    async with database.read_prepared() as session:
        return await READ.all(session, at=at)


async def run(
    opens: Opens, *statements: tuple[Prepared | Pair, int], refuses: bool = False
) -> None:
    """Run statements, each with its number, one after the other in one session."""
    async with opens() as session:
        for statement, at in statements:
            await statement.raw(session, at=at)
        if refuses:
            raise Refused(NotYours())


@pytest.fixture(params=["write", "write_prepared"])
def opens(request: pytest.FixtureRequest, database: Database) -> Opens:
    """Both kinds of transaction."""
    ways: dict[str, Opens] = {
        "write": database.write,
        "write_prepared": database.write_prepared,
    }
    return ways[request.param]


async def test_a_refusal_after_prepared_writes_leaves_nothing_in_the_database(
    database: Database, opens: Opens
) -> None:
    with pytest.raises(Refused):
        await run(opens, (INSERT, 1), (COUNT, 1), refuses=True)
    assert await count(database, 1) == []


async def test_a_transaction_commits_all_prepared_writes(database: Database, opens: Opens) -> None:
    await run(opens, (INSERT, 1), (COUNT, 1))
    assert await count(database, 1) == [(2,)]


async def test_a_transaction_takes_prepared_statements_beside_those_of_sqlalchemy(
    database: Database,
) -> None:
    async def change(*, refuses: bool) -> list[Any]:
        async with database.write() as connection:
            await INSERT.all(connection, at=1)
            await connection.execute(sa.update(write_marks).values(position=7))
            rows = await READ.all(connection, at=1)
            if refuses:
                raise Refused(NotYours())
        return rows

    with pytest.raises(Refused):
        await change(refuses=True)
    assert await count(database, 1) == []
    assert await change(refuses=False) == [(7,)]
    assert await count(database, 1) == [(7,)]


async def test_an_autocommit_session_refuses_a_second_write(database: Database) -> None:
    with pytest.raises(SecondWrite):
        await run(database.autocommit, (INSERT, 1), (INSERT, 2))
    assert await count(database, 2) == []


async def test_an_autocommit_session_may_read_before_and_after_its_write(
    database: Database,
) -> None:
    async with database.autocommit() as session:
        assert await READ.all(session, at=1) == []
        await INSERT.all(session, at=1)
        assert await READ.all(session, at=1) == [(1,)]


async def test_a_write_that_changed_nothing_may_be_retried(database: Database) -> None:
    await run(database.autocommit, (COUNT, 1), (COUNT, 1), (INSERT, 1))
    assert await count(database, 1) == [(1,)]


async def test_a_write_that_failed_is_not_retried(database: Database) -> None:
    """It may have been carried out: a broken connection does not tell."""
    await run(database.write, (INSERT, 1))

    async def try_twice() -> None:
        async with database.autocommit() as session:
            with pytest.raises(Exception, match=r"(?i)unique"):
                await INSERT.all(session, at=1)
            await INSERT.all(session, at=2)

    with pytest.raises(SecondWrite):
        await try_twice()
    assert await count(database, 2) == []


async def test_a_refusal_after_the_write_of_an_autocommit_session_is_a_programming_error(
    database: Database, runs_on: str
) -> None:
    """On PostgreSQL the row is committed, although a refusal says that nothing was done."""
    await database.find_distribution()
    with pytest.raises(FailedAfterWrite) as failed:
        await run(database.autocommit, (INSERT, 1), refuses=True)
    assert isinstance(failed.value.__cause__, Refused)
    # Behind a pooler a statement that cannot be batched is a transaction, too.
    assert await count(database, 1) == ([(1,)] if runs_on == "postgresql" else [])


async def test_a_refusal_before_the_write_of_an_autocommit_session_is_passed_on(
    database: Database,
) -> None:
    with pytest.raises(Refused):
        await run(database.autocommit, (COUNT, 1), refuses=True)


async def test_on_postgresql_an_autocommit_session_is_no_transaction(
    database: Database,
) -> None:
    """In a transaction `now()` does not advance."""
    if database.is_sqlite:
        pytest.skip("on SQLite an autocommit session is a transaction")
    time = BatchablePrepared(sa.select(sa.func.now()))

    async def passed(opens: Opens) -> timedelta:
        async with opens() as session:
            [(before,)] = await time.all(session)
            [(after,)] = await time.all(session)
        return after - before

    assert await passed(database.autocommit) > timedelta()
    assert await passed(database.write_prepared) == timedelta()


@pytest.fixture
async def without_transaction(database: Database) -> AsyncIterator[LazyConnection]:
    async with database.read_prepared() as session:
        assert isinstance(session, LazyConnection)
        yield session


async def test_a_pair_of_statements_needs_a_transaction(
    database: Database, without_transaction: LazyConnection, opens: Opens
) -> None:
    pair = Pair(INSERT, COUNT)
    with pytest.raises(TypeError, match="needs a transaction"):
        await pair.raw(without_transaction, at=1)
    if not database.is_sqlite:
        with pytest.raises(TypeError, match="needs a transaction"):
            await run(database.autocommit, (pair, 1))
    await run(opens, (pair, 1))
    assert await count(database, 1) == [(2,)]


async def test_on_sqlite_a_pair_is_the_one_write_of_an_autocommit_session(
    database: Database,
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL has one statement for both")
    await run(database.autocommit, (Pair(INSERT, COUNT), 1))
    with pytest.raises(SecondWrite):
        await run(database.autocommit, (Pair(COUNT, COUNT), 1), (COUNT, 1))
    assert await count(database, 1) == [(2,)]
