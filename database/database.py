"""The one place that knows how to reach the database."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, Self

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from database import sqlite
from database.autocommit import Autocommit
from database.availability import Availability, watch_connections
from database.batcher import Batcher, Connect
from database.connection_limiter import ConnectionLimiter, Limits
from database.driver_connection import BeginStatement, DriverConnection, DriverPool
from database.lazy_connection import LazyConnection
from database.replica import CausalityToken, Replica, ReplicaAddress
from database.sqlite_file import DatabaseFile

LIMITS: Final = Limits()
VITAL_CONNECTIONS: Final = 2
"""For finding out who asks, signing in and the health checks, whatever else is going on."""
SERVER_GRACE: Final = timedelta(seconds=5)
_POOLED: Final = {"prepared_statement_cache_size": "0"}
"""What an address says that leads through a pooler, in SQLAlchemy's words."""


@dataclass(frozen=True, slots=True)
class BeginStatements:
    """How transactions begin of which the driver itself is asked."""

    reading: BeginStatement
    writing: BeginStatement


@dataclass(frozen=True)
class Database:
    """A reading and a writing engine on one database, and a small one for what is vital.

    On SQLite a writing transaction takes the write lock as it begins: what it read stays true until
    it commits. A process has one writing connection, so that writers queue in the process, in
    order, instead of polling for the file's lock.

    On PostgreSQL a writing transaction is READ COMMITTED: what it read may change until it writes,
    so that every write says what it relies on. A reading one is REPEATABLE READ, as on SQLite.

    Each engine has a lane: its connections, and a bounded queue in front of them. ``listening``
    has none: it keeps the one connection that hears of deadlines, if there can be one.
    """

    reading: AsyncEngine
    writing: AsyncEngine
    vital: AsyncEngine
    lanes: Mapping[str, ConnectionLimiter]
    reach: Availability
    beginnings: BeginStatements
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
    ) -> Self:
        """Open the engines; nothing is connected yet.

        ``listen_url`` leads to the same database, past the pooler that ``url`` leads through.
        """
        path = file_of(url)
        file = DatabaseFile(path) if path else None
        sizes = {
            "reading": limits.connections,
            "writing": 1 if file else limits.connections,
            "vital": VITAL_CONNECTIONS,
        }
        return cls(
            reading=_engine(url, sizes["reading"], limits, file, writes=False),
            writing=_engine(url, sizes["writing"], limits, file, writes=True),
            vital=_engine(url, sizes["vital"], limits, file, writes=False),
            lanes={name: ConnectionLimiter(size, limits) for name, size in sizes.items()},
            reach=Availability(file.check if file else None),
            beginnings=_beginnings(url, limits),
            listening=_listening(listen_url or url),
            replica=_replica(replica, limits) if replica else None,
        )

    @property
    def is_sqlite(self) -> bool:
        return self.writing.dialect.name == "sqlite"

    @cached_property
    def together(self) -> Mapping[str, Batcher]:
        """Of each lane: what many ask, or change, at the same time."""
        ways: dict[str, Connect] = {
            "reading": partial(self._reading_rows, "reading"),
            "vital": partial(self._reading_rows, "vital"),
            "writing": partial(self._writing_rows, None, begins=False),
        }
        return {lane: Batcher(way, mixes=self.is_sqlite) for lane, way in ways.items()}

    @asynccontextmanager
    async def read(
        self, *, vital: bool = False, seen: CausalityToken | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that sees one state of the database.

        With what the viewer has ``seen`` the replica may answer, if there is one that shows it.
        Raises Overloaded or Unreachable.
        """
        if seen is not None and self.replica is not None:
            async with AsyncExitStack() as stack:
                there = await self.replica.enter(stack, seen)
                if there is not None:
                    with self.replica.watch():
                        yield there
                    return
        engine, lane = (self.vital, "vital") if vital else (self.reading, "reading")
        async with self.lanes[lane].enter():
            with self.reach.watch():
                async with engine.connect() as found:
                    yield found

    def rows(
        self, *, vital: bool = False, seen: CausalityToken | None = None
    ) -> AbstractAsyncContextManager[LazyConnection | DriverConnection]:
        """The same for statements that were compiled beforehand."""
        if seen is not None and self.replica is not None:
            return self._rows_seen(self.replica, seen)
        return LazyConnection(self.writing.dialect, self.together["vital" if vital else "reading"])

    @asynccontextmanager
    async def _rows_seen(
        self, replica: Replica, seen: CausalityToken
    ) -> AsyncIterator[LazyConnection | DriverConnection]:
        async with AsyncExitStack() as stack:
            there = await replica.enter(stack, seen)
            if there is not None:
                with replica.reach.watch():
                    yield await DriverConnection.within(there)
                return
        async with self.rows() as found:
            yield found

    @asynccontextmanager
    async def _reading_rows(self, lane: str, people: int) -> AsyncIterator[DriverConnection]:
        engine = self.vital if lane == "vital" else self.reading
        async with self.lanes[lane].enter(people):
            with self.reach.watch():
                found = await DriverConnection.borrow(engine, self.beginnings.reading)
                try:
                    yield found
                    await found.give_back()
                except BaseException:
                    await found.give_up()
                    raise

    @asynccontextmanager
    async def write(self, *, viewer: int | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, undone by an exception.

        It takes SQLAlchemy's statements and prepared ones. With the ``viewer`` for whom it is,
        they will find what it wrote wherever they read.
        Raises Overloaded, and then nothing was written; or Unreachable, and then it may have been.
        """
        async with self.lanes["writing"].enter():
            with self.reach.watch(writes=True):
                async with self.writing.begin() as found:
                    yield found
                    if viewer is not None and self.replica is not None:
                        await self.replica.marks.mark(found, viewer)

    def write_prepared(
        self, *, viewer: int | None = None
    ) -> AbstractAsyncContextManager[DriverConnection]:
        """The same transaction for prepared statements alone, at half the processor time."""
        return self._writing_rows(viewer, 1, begins=True)

    def autocommit(self, *, viewer: int | None = None) -> Autocommit:
        """No transaction: for one prepared statement that writes, and says what it relies on.

        On a server this saves the two round trips of BEGIN and COMMIT, and the statement may be
        carried out together with others, as may what is read before it. An exception does not
        undo the write: see ``Autocommit`` for what the session refuses.
        """
        dialect = self.writing.dialect
        if self.is_sqlite or self.replica is not None:
            return Autocommit(dialect, self._writing_rows(viewer, 1, begins=True))
        return Autocommit(dialect, LazyConnection(dialect, self.together["writing"]))

    @asynccontextmanager
    async def _writing_rows(
        self, viewer: int | None, people: int, *, begins: bool
    ) -> AsyncIterator[DriverConnection]:
        async with self.lanes["writing"].enter(people):
            with self.reach.watch(writes=True):
                found = await DriverConnection.borrow(self.writing, self.beginnings.writing)
                try:
                    if begins:
                        await found.see_one_state()
                    yield found
                    if viewer is not None and self.replica is not None:
                        await self.replica.marks.mark(found, viewer)
                    await found.give_back()
                except BaseException:
                    await found.give_up()
                    raise

    @asynccontextmanager
    async def take_long(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction that takes as long as it takes: the limits are those of requests.

        For migrating, and for filling a database that nobody uses yet. Raises Unreachable.
        """
        with self.reach.watch(writes=True):
            async with self.writing.begin() as found:
                if not self.is_sqlite:
                    await found.execute(sa.text("SET LOCAL statement_timeout = 0"))
                yield found

    @asynccontextmanager
    async def trial(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction that is undone at its end, on a connection that is then closed.

        Raises Overloaded or Unreachable.
        """
        async with self.lanes["writing"].enter():
            with self.reach.watch(writes=True):
                async with self.writing.connect() as found:
                    try:
                        yield found
                    finally:
                        await found.invalidate()

    async def seen_by(self, viewer: int | None) -> CausalityToken | None:
        """What a read for the viewer has to show; None if there is no replica that may not."""
        if self.replica is None:
            return None
        if viewer is None:
            return CausalityToken(0, {})
        async with self.read(vital=True) as connection:
            return CausalityToken(viewer, await self.replica.marks.marks_of(connection, viewer))

    async def close(self) -> None:
        replica = self.replica.engine if self.replica else None
        engines = (self.reading, self.writing, self.vital, self.listening, replica)
        await asyncio.gather(*(one.dispose() for one in engines if one is not None))


def behind_pooler(url: str) -> str:
    """The address of a database behind a pooler that lends a session for one transaction at a time.

    The driver keeps no prepared statements there: the next transaction may be another session's.
    """
    return make_url(url).update_query_dict(_POOLED).render_as_string(hide_password=False)


def _engine(
    url: str, size: int, limits: Limits, file: DatabaseFile | None = None, *, writes: bool
) -> AsyncEngine:
    engine = create_async_engine(
        url,
        poolclass=DriverPool,
        pool_size=size,
        max_overflow=0,
        # Whoever reads ends the transaction, if there is one: to undo it again would cost as much
        # as a small read.
        pool_reset_on_return="rollback" if writes else None,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        hide_parameters=True,  # or the log of a failure would hold customers' phones
        connect_args={} if file else _postgresql_arguments(url, limits),
    )
    if file:
        sqlite.prepare(engine, file, limits, writes=writes)
        return engine
    watch_connections(engine.sync_engine)
    if _is_pooled(url):
        _bound_transactions(engine, limits)
    if not writes:
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def _is_pooled(url: str) -> bool:
    return _POOLED.items() <= make_url(url).query.items()


def _postgresql_arguments(url: str, limits: Limits) -> dict[str, Any]:
    """What the driver is told. Any: its arguments are of all types."""
    if _is_pooled(url):
        # A statement without a name lives in the transaction. One with a name of its own would be
        # left behind in a session that is somebody else's by the time it could be dropped.
        return {"statement_cache_size": 0, "prepared_statement_name_func": str}
    return {"server_settings": {name: str(value) for name, value in _bounds(limits).items()}}


def _bounds(limits: Limits) -> dict[str, int]:
    """How long the server lets one go on that nobody waits for any more, in milliseconds.

    A process that is there stops what takes too long by itself; this is for one that was killed or
    cut off, whose locks would keep others waiting.
    """
    longest = limits.transaction + SERVER_GRACE
    milliseconds = longest // timedelta(milliseconds=1)
    return dict.fromkeys(("statement_timeout", "idle_in_transaction_session_timeout"), milliseconds)


def _bound_transactions(engine: AsyncEngine, limits: Limits) -> None:
    """Say so at each beginning: a pooler takes no such settings with the connection."""
    bounds = (
        sa.func.set_config(name, str(value), sa.true()) for name, value in _bounds(limits).items()
    )
    bind = sa.select(*bounds)

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.execute(bind)


def _replica(address: ReplicaAddress, limits: Limits) -> Replica:
    engine = _engine(address.url, limits.connections, limits, writes=False)
    return Replica(engine, ConnectionLimiter(limits.connections, limits), address.marks)


def _beginnings(url: str, limits: Limits) -> BeginStatements:
    if file_of(url) is not None:
        return BeginStatements(BeginStatement("BEGIN"), BeginStatement(sqlite.BEGIN_WRITING))
    always = _is_pooled(url)
    bounds = [f"; SET LOCAL {name} = {said}" for name, said in _bounds(limits).items()]
    more = "".join(bounds) if always else ""
    return BeginStatements(
        reading=BeginStatement(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY{more}", always),
        writing=BeginStatement(f"BEGIN{more}", always),
    )


def _listening(url: str) -> AsyncEngine | None:
    """None where nothing can be heard: an SQLite file, or a pooler, which keeps no listener."""
    if file_of(url) is not None or _is_pooled(url):
        return None
    return create_async_engine(url, poolclass=NullPool)


def file_of(url: str) -> Path | None:
    """Where an SQLite database lies; None for a server."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)
