"""Reading by the driver itself: for statements that were compiled beforehand.

SQLAlchemy's connection costs more processor time than the driver does for the whole of a small
read. Its pool is used, its compiler too; what it does for each statement is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import Pool, PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from models.reach import Unreachable, is_away


@dataclass(frozen=True, slots=True)
class Told:
    """A statement that is about to run by a driver itself."""

    statement: str
    values: Sequence[Any]
    pool: Pool


LISTENERS: Final[list[Callable[[Told], None]]] = []
"""Who is told of each: the tests."""


class Driver(Protocol):
    """What the two drivers have to do for us."""

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]: ...

    async def run(self, statement: str) -> None: ...


class _Asyncpg:
    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - asyncpg has no types
        self._connection = connection

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        with self._watching():
            rows: Sequence[Any] = await self._connection.fetch(statement, *values)
        return rows

    async def run(self, statement: str) -> None:
        with self._watching():
            await self._connection.execute(statement)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if self._connection.is_closed() or is_away(error):
                raise Unreachable(str(error)) from error
            raise


class _Aiosqlite:
    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - typed by nobody, as it is wrapped
        self._connection = connection

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        rows: Sequence[Any] = await self._connection.execute_fetchall(statement, values)
        return rows

    async def run(self, statement: str) -> None:
        await self._connection.execute_fetchall(statement)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a transaction for reading begins, and whether there is always one.

    Behind a pooler there is, for a statement is parsed and run in two messages, and only within a
    transaction are both sure to reach one session.
    """

    statement: str
    always: bool = False


class DriverRows:
    """A connection for reading, borrowed from an engine's pool.

    A single statement needs no transaction. Several that have to see one state do, and are given
    one by ``see_one_state``.
    """

    def __init__(
        self,
        engine: Engine,
        borrowed: PoolProxiedConnection,
        beginning: Beginning | None,
    ) -> None:
        """Without a ``beginning`` there is a transaction already, and somebody else ends it."""
        self.dialect = dialect = engine.dialect
        self._pool = engine.pool
        self._borrowed = borrowed
        self._beginning = beginning
        self._in_transaction = False
        kind = _Asyncpg if dialect.name == "postgresql" else _Aiosqlite
        self._driver: Driver = kind(borrowed.driver_connection)

    @classmethod
    async def borrow(cls, engine: AsyncEngine, beginning: Beginning) -> Self:
        """Raises Unreachable."""
        try:
            borrowed = await engine.raw_connection()
        except Exception as error:
            if is_away(error):
                raise Unreachable(str(error)) from error
            raise
        return cls(engine.sync_engine, borrowed, beginning)

    @classmethod
    async def within(cls, connection: AsyncConnection) -> Self:
        """In the transaction of a connection."""
        inner = cast("Connection", connection.sync_connection)
        borrowed = inner.connection
        adapter: Any = borrowed.dbapi_connection  # Any: SQLAlchemy's own, of each driver another
        if connection.dialect.name == "postgresql" and adapter._transaction is None:  # noqa: SLF001
            # What the adapter does before the first statement that goes through it.
            await adapter._start_transaction()  # noqa: SLF001
        return cls(inner.engine, borrowed, None)

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """The driver's own rows. Raises Unreachable."""
        for listener in LISTENERS:
            listener(Told(statement, values, self._pool))
        if self._beginning is not None and self._beginning.always:
            await self.see_one_state()
        return await self._driver.fetch(statement, values)

    async def see_one_state(self) -> None:
        """Begin a transaction, if there is none, in which all statements see one state."""
        if not (self._in_transaction or self._beginning is None):
            self._in_transaction = True
            await self._driver.run(self._beginning.statement)

    async def give_back(self) -> None:
        if self._in_transaction:
            await self._driver.run("COMMIT")
        self._borrowed.close()

    async def throw_away(self) -> None:
        """Who knows what state it is in: nobody gets it again, and what runs on it is stopped."""
        await greenlet_spawn(self._borrowed.invalidate)
        self._borrowed.close()
