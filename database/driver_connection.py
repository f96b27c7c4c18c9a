"""Asking the driver itself: for statements that were compiled beforehand.

SQLAlchemy's connection costs more processor time than the driver does for the whole of a small
read. Its pool is used, its compiler too; what it does for each statement is left out.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import (
    AsyncAdaptedQueuePool,
    ConnectionPoolEntry,
    Pool,
    PoolProxiedConnection,
)
from sqlalchemy.util import greenlet_spawn

from database.availability import Unreachable, unreachable_of
from database.batch_statement import BatchableStatement
from database.compiled import Statement

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StatementEvent:
    """A statement that is about to run by a driver itself."""

    statement: str
    values: Sequence[Any]
    pool: Pool


SLOW_STATEMENT_S: Final = 0.01
"""For how long one keeps others waiting: it may wait for a lock, or look through all there is."""
PROGRESS_INSTRUCTIONS: Final = 50_000
"""After how many of SQLite's instructions it is looked whether that has passed: some ms."""

LISTENERS: Final[list[Callable[[StatementEvent], None]]] = []
"""Who is told of each: the tests."""


class Driver(Protocol):
    """What the two drivers have to do for us."""

    @property
    def is_open(self) -> bool:
        """Whether the server has not hung up, as far as that has been heard."""
        ...

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]: ...

    async def run(self, statement: str) -> None: ...


class _Asyncpg:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @property
    def is_open(self) -> bool:
        return not self._connection.is_closed()

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        try:
            rows: Sequence[Any] = await self._connection.fetch(statement, *values)
        except Exception as error:
            self._raise_if_unreachable(error)
            raise
        return rows

    async def run(self, statement: str) -> None:
        try:
            await self._connection.execute(statement)
        except Exception as error:
            self._raise_if_unreachable(error)
            raise

    def _raise_if_unreachable(self, error: Exception) -> None:
        _raise_if_unreachable(error)
        if self._connection.is_closed() or isinstance(error, OSError):
            raise Unreachable(str(error)) from error


class _Aiosqlite:
    is_open = True

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        try:
            rows: Sequence[Any] = await self._connection.execute_fetchall(statement, values)
        except sqlite3.Error as error:
            _raise_if_unreachable(error)
            raise
        return rows

    async def fetch_each(
        self, asked: Sequence[tuple[str, Sequence[Any]]]
    ) -> Sequence[Sequence[Any] | None]:
        """One after the other, in one visit to the thread that has the connection.

        None for one that fails, or takes long: whoever asked can ask again, and wait by themselves.
        """
        # There is no public way to do several things at once.
        found: Sequence[Sequence[Any] | None] = await self._connection._execute(  # noqa: SLF001
            _fetch_each, self._connection, asked
        )
        return found

    async def run(self, statement: str) -> None:
        await self.fetch(statement, ())


def _raise_if_unreachable(error: BaseException) -> None:
    unreachable = unreachable_of(error)
    if unreachable is not None:
        raise unreachable from error


def _fetch_each(
    connection: Any,
    asked: Sequence[tuple[str, Sequence[Any]]],
) -> Sequence[Sequence[Any] | None]:
    inner: sqlite3.Connection = connection._conn  # noqa: SLF001 - the same
    until = 0.0

    def is_over() -> bool:
        return time.monotonic() > until

    found: list[Sequence[Any] | None] = []
    inner.set_progress_handler(is_over, PROGRESS_INSTRUCTIONS)
    try:
        for statement, values in asked:
            until = time.monotonic() + SLOW_STATEMENT_S
            try:
                found.append(inner.execute(statement, values).fetchall())
            except sqlite3.Error:
                found.append(None)
    finally:
        inner.set_progress_handler(None, 0)
    return found


@dataclass(frozen=True, slots=True)
class BeginStatement:
    """How a transaction begins, and whether there is always one.

    Behind a pooler there is, for a statement is parsed and run in two messages, and only within a
    transaction are both sure to reach one session.
    """

    statement: str
    always: bool = False


class DriverPool(AsyncAdaptedQueuePool):
    """Keeps at hand what was lent to those who use the driver itself.

    The pool's own way of lending costs half of what a small read does. Whoever takes that way gets
    what is at hand, too.
    """

    _sqla_logger_namespace = "sqlalchemy.pool.DriverPool"
    """Where it says what it does: nowhere else than its kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at_hand: list[DriverConnection] = []

    def take_in(self) -> None:
        """Put all that is at hand back into the pool."""
        while self.at_hand:
            self.at_hand.pop().release()

    def _do_get(self) -> ConnectionPoolEntry:
        self.take_in()
        return super()._do_get()

    def dispose(self) -> None:
        self.take_in()
        super().dispose()


class DriverConnection:
    """A connection, borrowed from an engine's pool.

    A single statement that reads needs no transaction. Several that have to see one state do, and
    are given one by ``see_one_state``.
    """

    __slots__ = (
        "_beginning",
        "_borrowed",
        "_driver",
        "_in_transaction",
        "_is_between",
        "_pool",
        "dialect",
    )

    def __init__(
        self, engine: Engine, borrowed: PoolProxiedConnection, beginning: BeginStatement | None
    ) -> None:
        """Without a ``beginning`` there is a transaction already, and somebody else ends it."""
        self.dialect = engine.dialect
        self._pool = engine.pool
        self._borrowed = borrowed
        self._beginning = beginning
        self._in_transaction = False
        self._is_between = True
        """Whether no statement runs, or was given up while it ran."""
        kind = _Asyncpg if engine.dialect.name == "postgresql" else _Aiosqlite
        self._driver: Driver = kind(borrowed.driver_connection)

    @classmethod
    async def borrow(cls, engine: AsyncEngine, beginning: BeginStatement) -> DriverConnection:
        """For one who gives it back, or throws it away. Raises Unreachable."""
        at_hand = cast("DriverPool", engine.sync_engine.pool).at_hand
        while at_hand:
            kept = at_hand.pop()
            if kept.is_open:
                return kept
            await kept.throw_away()
        try:
            borrowed = await engine.raw_connection()
        except Exception as error:
            _raise_if_unreachable(error)
            raise
        return cls(engine.sync_engine, borrowed, beginning)

    @classmethod
    async def within(cls, connection: AsyncConnection) -> DriverConnection:
        """In the transaction of a connection."""
        inner = cast("Connection", connection.sync_connection)
        borrowed = inner.connection
        adapter: Any = borrowed.dbapi_connection  # Any: SQLAlchemy's own, of each driver another
        if connection.dialect.name == "postgresql" and adapter._transaction is None:  # noqa: SLF001
            # What the adapter does before the first statement that goes through it.
            try:
                await adapter._start_transaction()  # noqa: SLF001
            except Exception as error:
                driver: Any = borrowed.driver_connection  # Any: asyncpg has no types
                if driver.is_closed():
                    raise Unreachable(str(error)) from error
                _raise_if_unreachable(error.__cause__ or error)
                raise
        return cls(inner.engine, borrowed, None)

    @property
    def is_open(self) -> bool:
        """Whether the server has not hung up, as far as that has been heard."""
        return self._driver.is_open

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """The driver's own rows. Raises Unreachable."""
        self._tell(statement, values)
        if self._beginning is not None and self._beginning.always:
            await self.see_one_state()
        return await self._heeded(self._driver.fetch(statement, values))

    async def _heeded(self, running: Awaitable[T]) -> T:
        """Remember whether a statement ended, or was given up while it ran."""
        self._is_between = False
        try:
            found = await running
        except Unreachable:
            raise
        except Exception:
            self._is_between = True  # the database has said what is wrong, and waits for more
            raise
        self._is_between = True
        return found

    def run(self, statement: Statement, given: Mapping[str, Any]) -> Awaitable[Sequence[Any]]:
        """The same of a statement and its parameters by their names. Raises Unreachable."""
        return self.fetch(statement.text, statement.values(given))

    async def run_pair(
        self, first: Statement, then: Statement, given: Mapping[str, Any]
    ) -> Sequence[Any]:
        """The rows of the first; if there are any, the second runs too. Raises Unreachable."""
        if not (self._in_transaction or self._beginning is None):
            message = "a pair of statements needs a transaction"
            raise TypeError(message)
        found = await self.run(first, given)
        if found:
            await self.run(then, given)
        return found

    async def run_each(
        self, asked: Sequence[tuple[Statement, Mapping[str, Any]]]
    ) -> Sequence[Sequence[Any] | None]:
        """The rows of each, all in one go; None for whatever has to be asked by itself.

        On a server they are all one ``BatchableStatement`` statement. Raises Unreachable.
        """
        if len(asked) == 1:
            return [await self.run(*asked[0])]
        if isinstance(self._driver, _Aiosqlite):
            each = [(one.text, one.values(given)) for one, given in asked]
            for text, values in each:
                self._tell(text, values)
            return await self._heeded(self._driver.fetch_each(each))
        together = cast("BatchableStatement", asked[0][0]).together
        found = await self.fetch(together.text, together.values([given for _, given in asked]))
        return together.apart(found, len(asked))

    def _tell(self, statement: str, values: Sequence[Any]) -> None:
        for listener in LISTENERS:
            listener(StatementEvent(statement, values, self._pool))

    async def see_one_state(self) -> None:
        """Begin a transaction, if there is none, in which all statements see one state."""
        if not (self._in_transaction or self._beginning is None):
            self._in_transaction = True
            await self._run(self._beginning.statement)

    async def _run(self, statement: str) -> None:
        self._is_between = False
        await self._driver.run(statement)
        self._is_between = True

    async def give_back(self, *, undo: bool = False) -> None:
        """End the transaction, if there is one. Raises Unreachable."""
        if self._in_transaction:
            await self._run("ROLLBACK" if undo else "COMMIT")
            self._in_transaction = False
        cast("DriverPool", self._pool).at_hand.append(self)

    async def give_up(self) -> None:
        """Undo the transaction, if there is one, however it stands."""
        if not (self._is_between and self._driver.is_open):
            await self.throw_away()
            return
        try:
            await self.give_back(undo=True)
        except BaseException as error:
            await self.throw_away()
            if not isinstance(error, Exception):
                raise
            # Of the others it is not told: what went wrong before is.

    def release(self) -> None:
        """Back into the pool it goes."""
        self._borrowed.close()

    async def throw_away(self) -> None:
        """Who knows what state it is in: nobody gets it again, and what runs on it is stopped."""
        await greenlet_spawn(self._borrowed.invalidate)
        self._borrowed.close()
