"""The database: its engines, and every way to read from it and write to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final, Self

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from database.addresses import file_of
from database.autocommit import Autocommit
from database.availability import Availability
from database.batcher import Batcher, Connect
from database.connection_limiter import ConnectionLimiter, Limits
from database.distribution import Distribution
from database.driver_connection import DriverConnection
from database.engines import (
    SERVER_TIMEOUTS,
    BeginStatements,
    begin_statements,
    open_engine,
    open_listening_engine,
)
from database.lazy_connection import LazyConnection
from database.replica import CausalityToken, Replica, ReplicaAddress
from database.shared_reads import SharedReads
from database.sqlite_file import DatabaseFile

LIMITS: Final = Limits()
STREAM_READS: Final = 16
"""How many reads of streams are under way: many streams wake up at once, and their others wait for
their turn instead of filling the queue, in which requests are refused if it is full."""
VITAL_CONNECTIONS: Final = 2
"""Reserved for authentication, signing in and the health checks, whatever the load."""

_NO_TIMEOUTS: Final = sa.select(
    *[sa.func.set_config(name, "0", sa.true()) for name in SERVER_TIMEOUTS]
)


@dataclass(frozen=True)
class Database:
    """A reading and a writing engine on one database, and a small one for vital reads.

    On SQLite a writing transaction takes the write lock as it begins: what it read stays true until
    it commits. A process has one writing connection, so that writers queue in the process, in
    order, instead of polling for the file's lock.

    On PostgreSQL a writing transaction is READ COMMITTED: rows may change between its reads and
    writes, so each write must state what it relies on. A reading one is REPEATABLE READ.

    Each of these engines has a connection limiter. ``listening`` has none: it keeps the one
    connection that listens for deadlines, where that is possible.
    """

    reading: AsyncEngine
    writing: AsyncEngine
    vital: AsyncEngine
    limiters: Mapping[str, ConnectionLimiter]
    availability: Availability
    begin_statements: BeginStatements
    distribution: Distribution
    listening: AsyncEngine | None = None
    replica: Replica | None = None

    @classmethod
    def open(
        cls,
        url: str,
        limits: Limits = LIMITS,
        *,
        replica: ReplicaAddress | None = None,
        listen_url: str | None = None,
        distributed: bool | None = None,
    ) -> Self:
        """Open the engines; nothing is connected yet.

        ``listen_url`` leads to the same database as ``url``, but not through a pooler. Unless
        ``distributed`` tells, the first connection finds out whether Citus distributes the tables.
        """
        path = file_of(url)
        file = DatabaseFile(path) if path else None
        distribution = Distribution.of(distributed)
        connect = partial(open_engine, url, limits=limits, file=file, distribution=distribution)
        sizes = {
            "reading": limits.connections,
            "writing": 1 if file else limits.connections,
            "vital": VITAL_CONNECTIONS,
        }
        return cls(
            reading=connect(sizes["reading"], writes=False),
            writing=connect(sizes["writing"], writes=True),
            vital=connect(sizes["vital"], writes=False),
            limiters={name: ConnectionLimiter(size, limits) for name, size in sizes.items()},
            availability=Availability(file.check if file else None),
            begin_statements=begin_statements(url, limits),
            distribution=distribution,
            listening=open_listening_engine(listen_url or url),
            replica=_open_replica(replica, limits) if replica else None,
        )

    @cached_property
    def dialect(self) -> sa.Dialect:
        return self.writing.dialect

    @property
    def is_sqlite(self) -> bool:
        return self.dialect.name == "sqlite"

    @property
    def is_distributed(self) -> bool:
        """Whether the tables are on several machines, each merchant's rows on one.

        False until the first connection has found out.
        """
        return self.distribution.is_distributed

    @property
    def reads_ahead(self) -> bool:
        """Whether one statement for several reads is cheaper than each by itself.

        Not on SQLite, where a statement has no round trip.
        """
        return not (self.is_sqlite or self.replica is not None)

    async def find_distribution(self) -> None:
        """Make sure that ``is_distributed`` is known. Raises Overloaded or Unreachable."""
        if not (self.is_sqlite or self.distribution.is_known):
            async with self.read(vital=True):
                pass

    @cached_property
    def batchers(self) -> Mapping[str, Batcher]:
        """A batcher for each engine, by the engine's name."""
        connects: dict[str, Connect] = {
            "reading": partial(self._reading_connection, "reading"),
            "vital": partial(self._reading_connection, "vital"),
            "writing": partial(self._writing_connection, None, begins=False),
        }
        return {
            name: Batcher(connect, mixes=self.is_sqlite, distribution=self.distribution)
            for name, connect in connects.items()
        }

    @asynccontextmanager
    async def read(
        self, *, vital: bool = False, token: CausalityToken | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that sees one snapshot of the database.

        With a ``token`` the replica serves the read, if there is one that shows the viewer's
        writes. Raises Overloaded or Unreachable.
        """
        if token is not None and self.replica is not None:
            async with AsyncExitStack() as stack:
                replica_connection = await self.replica.connect(stack, token)
                if replica_connection is not None:
                    with self.replica.watch():
                        yield replica_connection
                    return
        engine, name = (self.vital, "vital") if vital else (self.reading, "reading")
        async with self.limiters[name].enter():
            with self.availability.watch():
                async with engine.connect() as connection:
                    yield connection

    def read_prepared(
        self, *, vital: bool = False, token: CausalityToken | None = None
    ) -> AbstractAsyncContextManager[LazyConnection | DriverConnection]:
        """The same for prepared statements alone, which may be batched."""
        if token is not None and self.replica is not None:
            return self._read_prepared_on_replica(self.replica, token)
        return LazyConnection(self.dialect, self.batchers["vital" if vital else "reading"])

    def read_before_write(self) -> LazyConnection:
        """Reads by prepared statements alone, on the connections that write afterwards.

        What waits for them does not delay vital reads.
        """
        return LazyConnection(self.dialect, self.batchers["writing"])

    def shared_reads(self) -> SharedReads:
        """Reads of the primary, each of which runs once for all who share them."""
        return SharedReads(self.dialect, self._read_in_turn)

    @cached_property
    def stream_turn(self) -> asyncio.Semaphore:
        """To be held while a stream reads. Shared reads take it themselves."""
        return asyncio.Semaphore(STREAM_READS)

    @asynccontextmanager
    async def _read_in_turn(self) -> AsyncIterator[LazyConnection | DriverConnection]:
        async with self.stream_turn, self.read_prepared() as connection:
            yield connection

    @asynccontextmanager
    async def _read_prepared_on_replica(
        self, replica: Replica, token: CausalityToken
    ) -> AsyncIterator[LazyConnection | DriverConnection]:
        async with AsyncExitStack() as stack:
            replica_connection = await replica.connect(stack, token)
            if replica_connection is not None:
                with replica.availability.watch():
                    yield await DriverConnection.within(replica_connection)
                return
        async with self.read_prepared() as connection:
            yield connection

    @asynccontextmanager
    async def _reading_connection(self, name: str, waiters: int) -> AsyncIterator[DriverConnection]:
        engine = self.vital if name == "vital" else self.reading
        async with self.limiters[name].enter(waiters):
            with self.availability.watch():
                connection = await DriverConnection.borrow(engine, self.begin_statements.reading)
                try:
                    yield connection
                    await connection.release()
                except BaseException:
                    await connection.abort()
                    raise

    @asynccontextmanager
    async def write(self, *, viewer: int | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, rolled back by an exception.

        It takes SQLAlchemy's statements and prepared ones. The writes are visible to later reads of
        the ``viewer``, also on the replica.

        Raises Overloaded if nothing was written, and Unreachable if that is not certain.
        """
        async with self.limiters["writing"].enter():
            with self.availability.watch(writes=True):
                async with self.writing.begin() as connection:
                    yield connection
                    if viewer is not None and self.replica is not None:
                        await self.replica.marks.mark(connection, viewer)

    def write_prepared(
        self, *, viewer: int | None = None
    ) -> AbstractAsyncContextManager[DriverConnection]:
        """The same for prepared statements alone, at half the processor time."""
        return self._writing_connection(viewer, 1, begins=True)

    def autocommit(self, *, viewer: int | None = None) -> Autocommit:
        """A session for one prepared statement that writes, without a transaction.

        On PostgreSQL this saves the round trips of BEGIN and COMMIT, and its statements may be
        batched. An exception does not undo the write: ``Autocommit`` tells what is refused. Where
        tables are distributed it is a transaction too: one statement that writes several tables
        would be committed in two phases.
        """
        dialect = self.dialect
        if self.is_distributed or not self.reads_ahead:
            return Autocommit(dialect, self._writing_connection(viewer, 1, begins=True))
        return Autocommit(dialect, LazyConnection(dialect, self.batchers["writing"]))

    @asynccontextmanager
    async def _writing_connection(
        self, viewer: int | None, waiters: int, *, begins: bool
    ) -> AsyncIterator[DriverConnection]:
        async with self.limiters["writing"].enter(waiters):
            with self.availability.watch_failures():
                connection = await DriverConnection.borrow(
                    self.writing, self.begin_statements.writing
                )
                try:
                    if begins:
                        await connection.ensure_transaction()
                    yield connection
                    if viewer is not None and self.replica is not None:
                        await self.replica.marks.mark(connection, viewer)
                    await connection.release()
                except BaseException:
                    await connection.abort()
                    raise
            self.availability.record_success(writes=connection.has_written)

    @asynccontextmanager
    async def write_unlimited(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction without a limiter and without a time limit.

        For migrations, and for filling a database that is not in use yet. Raises Unreachable.
        """
        with self.availability.watch(writes=True):
            async with self.writing.begin() as connection:
                if not self.is_sqlite:
                    await connection.execute(_NO_TIMEOUTS)
                yield connection

    async def checkpoint(self) -> None:
        """Copy the write-ahead log of SQLite into the file, as far as no reader needs it.

        Raises Overloaded or Unreachable.
        """
        async with self._writing_connection(None, 1, begins=False) as connection:
            await connection.fetch("PRAGMA wal_checkpoint(PASSIVE)", ())

    @asynccontextmanager
    async def trial(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction that is rolled back, on a connection that is then closed.

        Raises Overloaded or Unreachable.
        """
        async with self.limiters["writing"].enter():
            with self.availability.watch(writes=True):
                async with self.writing.connect() as connection:
                    try:
                        yield connection
                    finally:
                        await connection.invalidate()

    async def causality_token(self, viewer: int | None) -> CausalityToken | None:
        """What a replica must show the viewer; None if there is no replica."""
        if self.replica is None:
            return None
        if viewer is None:
            return CausalityToken(0, {})
        async with self.read(vital=True) as connection:
            return CausalityToken(viewer, await self.replica.marks.marks_of(connection, viewer))

    async def close(self) -> None:
        replica = self.replica.engine if self.replica else None
        engines = (self.reading, self.writing, self.vital, self.listening, replica)
        await asyncio.gather(*(engine.dispose() for engine in engines if engine is not None))


def _open_replica(address: ReplicaAddress, limits: Limits) -> Replica:
    engine = open_engine(
        address.url,
        limits.connections,
        limits,
        writes=False,
        distribution=Distribution.of(False),  # noqa: FBT003 - a replica is of one machine
    )
    return Replica(engine, ConnectionLimiter(limits.connections, limits), address.marks)
