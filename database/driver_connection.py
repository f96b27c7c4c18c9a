"""Connections that run compiled statements directly on the driver.

For a small read, SQLAlchemy's connection costs more processor time than the driver. Its pool and
its compiler are used; its work for each statement is skipped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import (
    AsyncAdaptedQueuePool,
    ConnectionPoolEntry,
    Pool,
    PoolProxiedConnection,
)
from sqlalchemy.util import greenlet_spawn

from database.availability import Unreachable
from database.batch_statement import BatchableStatement
from database.compiled import Statement
from database.drivers import Aiosqlite, Asyncpg, Driver, raise_if_unreachable
from watching.tracing import TRACING, summary_of, traced

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StatementEvent:
    """A statement that is about to run on a driver."""

    statement: str
    values: Sequence[Any]
    pool: Pool


LISTENERS: Final[list[Callable[[StatementEvent], None]]] = []
"""Called with each statement; the tests listen."""


@dataclass(frozen=True, slots=True)
class BeginStatement:
    """The statement that begins a transaction, and whether every statement needs one.

    Behind a pooler every statement does: it is parsed and run by two messages, which reach the same
    session only within a transaction.
    """

    statement: str
    always: bool = False


class DriverPool(AsyncAdaptedQueuePool):
    """A pool that keeps idle driver connections checked out, ready for the next borrower.

    A checkout costs half as much as a small read. An ordinary checkout returns the idle connections
    to the pool first.
    """

    _sqla_logger_namespace = "sqlalchemy.pool.DriverPool"
    """The name of its logger, which SQLAlchemy sets for its own classes only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.idle: list[DriverConnection] = []

    def reclaim_idle(self) -> None:
        """Return all idle driver connections to the pool."""
        while self.idle:
            self.idle.pop().return_to_pool()

    def _do_get(self) -> ConnectionPoolEntry:
        self.reclaim_idle()
        return super()._do_get()

    def dispose(self) -> None:
        self.reclaim_idle()
        super().dispose()


class DriverConnection:
    """A connection borrowed from an engine's pool.

    A single read needs no transaction. Several statements that must see one snapshot do:
    ``ensure_transaction`` begins it.
    """

    __slots__ = (
        "_begin",
        "_borrowed",
        "_driver",
        "_in_transaction",
        "_is_ready",
        "_pool",
        "dialect",
        "has_written",
    )

    def __init__(
        self, engine: Engine, borrowed: PoolProxiedConnection, begin: BeginStatement | None
    ) -> None:
        """Without ``begin``, the connection is in a transaction already, which its owner ends."""
        self.dialect = engine.dialect
        self._pool = cast("DriverPool", engine.pool)  # as ``open_engine`` makes it
        self._borrowed = borrowed
        self._begin = begin
        self._in_transaction = False
        self._is_ready = True
        """False while a statement runs, and after one that was abandoned while it ran."""
        driver = Asyncpg if engine.dialect.name == "postgresql" else Aiosqlite
        self._driver: Driver = driver(borrowed.driver_connection)
        self.has_written = False
        """Whether a statement that writes has run since the connection was borrowed."""

    @classmethod
    async def borrow(cls, engine: AsyncEngine, begin: BeginStatement) -> DriverConnection:
        """Take a connection; the caller must ``release`` or ``abort`` it. Raises Unreachable."""
        pool: Any = engine.sync_engine.pool  # Any: a DriverPool, as ``open_engine`` makes it
        idle: list[DriverConnection] = pool.idle
        while idle:
            connection = idle.pop()
            if connection.is_open:
                connection.has_written = False
                return connection
            await connection.discard()
        try:
            borrowed = await engine.raw_connection()
        except Exception as error:
            raise_if_unreachable(error)
            raise
        return cls(engine.sync_engine, borrowed, begin)

    @classmethod
    async def within(cls, connection: AsyncConnection) -> DriverConnection:
        """Run statements within the transaction of a connection of SQLAlchemy."""
        sync_connection = cast("Connection", connection.sync_connection)
        borrowed = sync_connection.connection
        adapter: Any = borrowed.dbapi_connection  # Any: each driver's adapter has its own type
        if connection.dialect.name == "postgresql" and adapter._transaction is None:  # noqa: SLF001
            # The adapter begins the transaction only with the first statement that it runs itself.
            try:
                await adapter._start_transaction()  # noqa: SLF001
            except Exception as error:
                driver: Any = borrowed.driver_connection  # Any: asyncpg has no types
                if driver.is_closed():
                    raise Unreachable(str(error)) from error
                raise_if_unreachable(error.__cause__ or error)
                raise
        return cls(sync_connection.engine, borrowed, None)

    @property
    def is_open(self) -> bool:
        """False once the driver knows that the server closed the connection."""
        return self._driver.is_open

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """The driver's own rows. Raises Unreachable."""
        self._notify(statement, values)
        if self._begin is not None and self._begin.always:
            await self.ensure_transaction()
        running = self._track(self._driver.fetch(statement, values))
        tracer = TRACING.tracer
        if tracer is None:
            return await running
        return await traced(tracer, summary_of(statement), running)

    async def _track(self, running: Awaitable[T]) -> T:
        """Record whether a statement ended, or was abandoned while it ran."""
        self._is_ready = False
        try:
            result = await running
        except Unreachable:
            raise
        except Exception:
            self._is_ready = True  # the database reported an error and takes further statements
            raise
        self._is_ready = True
        return result

    def run(self, statement: Statement, parameters: Mapping[str, Any]) -> Awaitable[Sequence[Any]]:
        """The rows of a compiled statement, with its parameters by name. Raises Unreachable."""
        if statement.writes:
            self.has_written = True
        return self.fetch(statement.text, statement.values(parameters))

    async def run_pair(
        self, first: Statement, others: Sequence[Statement], parameters: Mapping[str, Any]
    ) -> Sequence[Any]:
        """The rows of the first; if there are any, the others run too. Raises Unreachable."""
        if not (self._in_transaction or self._begin is None):
            message = "a pair of statements needs a transaction"
            raise TypeError(message)
        rows = await self.run(first, parameters)
        for other in others if rows else ():
            await self.run(other, parameters)
        return rows

    async def run_batch(
        self, calls: Sequence[tuple[Statement, Mapping[str, Any]]]
    ) -> Sequence[Sequence[Any] | None]:
        """The rows of each call, in one round trip; None for one that must be retried alone.

        On PostgreSQL all calls are of one ``BatchableStatement``. Raises Unreachable.
        """
        if len(calls) == 1:
            return [await self.run(*calls[0])]
        if isinstance(self._driver, Aiosqlite):
            self.has_written |= any(statement.writes for statement, _ in calls)
            texts = [(statement.text, statement.values(values)) for statement, values in calls]
            for text, values in texts:
                self._notify(text, values)
            running = self._track(self._driver.fetch_batch(texts))
            tracer = TRACING.tracer
            if tracer is None:
                return await running
            return await traced(tracer, summary_of(texts[0][0]), running, len(texts))
        self.has_written |= calls[0][0].writes
        batch = cast("BatchableStatement", calls[0][0]).batched
        rows = await self.fetch(batch.text, batch.values([values for _, values in calls]))
        return batch.split(rows, len(calls))

    def _notify(self, statement: str, values: Sequence[Any]) -> None:
        for listener in LISTENERS:
            listener(StatementEvent(statement, values, self._pool))

    async def ensure_transaction(self) -> None:
        """Begin a transaction unless there is one: all its statements see one snapshot."""
        if not (self._in_transaction or self._begin is None):
            self._in_transaction = True
            await self._run(self._begin.statement)

    async def _run(self, statement: str) -> None:
        self._is_ready = False
        await self._driver.run(statement)
        self._is_ready = True

    async def release(self, *, rollback: bool = False) -> None:
        """End the transaction, if any, and keep the connection idle. Raises Unreachable."""
        if self._in_transaction:
            await self._run("ROLLBACK" if rollback else "COMMIT")
            self._in_transaction = False
        self._pool.idle.append(self)

    async def abort(self) -> None:
        """Roll back the transaction, if any, and release or discard the connection."""
        if not (self._is_ready and self._driver.is_open):
            await self.discard()
            return
        try:
            await self.release(rollback=True)
        except BaseException as error:
            await self.discard()
            if not isinstance(error, Exception):
                raise
            # An ordinary error is not raised: the one that led to the rollback is.

    def return_to_pool(self) -> None:
        """Check the connection in."""
        self._borrowed.close()

    async def discard(self) -> None:
        """Close the connection, whose state is unknown, and stop a statement that runs on it."""
        await greenlet_spawn(self._borrowed.invalidate)
        self._borrowed.close()
