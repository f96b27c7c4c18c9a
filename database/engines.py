"""SQLAlchemy engines, set up for SQLite, PostgreSQL, or PostgreSQL behind a pooler."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from database import sqlite
from database.addresses import file_of, is_pooled
from database.array_types import register_arrays
from database.availability import watch_connections
from database.connection_limiter import Limits
from database.distribution import Distribution, watch
from database.driver_connection import BeginStatement, DriverPool
from database.sqlite_file import DatabaseFile

SERVER_TIMEOUTS: Final = ("statement_timeout", "idle_in_transaction_session_timeout")
"""PostgreSQL's settings that end what takes too long."""

SERVER_GRACE: Final = timedelta(seconds=5)
"""How much later than this process the server stops a transaction."""


@dataclass(frozen=True, slots=True)
class BeginStatements:
    """The statements with which driver connections begin transactions."""

    reading: BeginStatement
    writing: BeginStatement


def begin_statements(url: str, limits: Limits) -> BeginStatements:
    if file_of(url) is not None:
        return BeginStatements(BeginStatement("BEGIN"), BeginStatement(sqlite.BEGIN_WRITING))
    always = is_pooled(url)
    timeouts = "".join(
        f"; SET LOCAL {name} = {value}" for name, value in _server_timeouts(limits).items()
    )
    rest = timeouts if always else ""
    return BeginStatements(
        reading=BeginStatement(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY{rest}", always),
        writing=BeginStatement(f"BEGIN{rest}", always),
    )


def open_engine(
    url: str,
    size: int,
    limits: Limits,
    file: DatabaseFile | None = None,
    *,
    writes: bool,
    distribution: Distribution,
) -> AsyncEngine:
    """An engine with a pool of ``size`` connections; nothing is connected yet."""
    engine = create_async_engine(
        url,
        poolclass=DriverPool,
        pool_size=size,
        max_overflow=0,
        # Readers end their transactions themselves: a rollback on return would cost as much as a
        # small read.
        pool_reset_on_return="rollback" if writes else None,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        hide_parameters=True,  # or logged errors would contain customers' phone numbers
        connect_args={} if file else _postgresql_arguments(url, limits),
    )
    if file:
        sqlite.configure_engine(engine, file, limits, writes=writes)
        return engine
    watch_connections(engine.sync_engine)
    _set_codecs_when_connected(engine)
    watch(engine, distribution)
    if is_pooled(url):
        _set_timeouts_at_begin(engine, limits)
    if not writes:
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def open_listening_engine(url: str) -> AsyncEngine | None:
    """An engine for LISTEN; None on SQLite and behind a pooler, which keeps no listener."""
    if file_of(url) is not None or is_pooled(url):
        return None
    return create_async_engine(url, poolclass=NullPool)


def _set_codecs_when_connected(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_codecs(connection: Any, _record: object) -> None:  # Any: the driver's adapter
        connection.run_async(_set_codecs)


async def _set_codecs(connection: Any) -> None:  # Any: asyncpg has no types
    # Of the bytes: SQLAlchemy's own codec makes a text of them first.
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=str.encode, decoder=orjson.loads, format="binary"
    )
    register_arrays(connection)


def _postgresql_arguments(url: str, limits: Limits) -> dict[str, Any]:
    """Arguments for asyncpg's ``connect``. Any: they have all kinds of types."""
    if is_pooled(url):
        # An unnamed statement lives in its transaction. A named one would be left behind in a
        # session that is lent to another client before the statement can be dropped.
        return {"statement_cache_size": 0, "prepared_statement_name_func": str}
    timeouts = {name: str(value) for name, value in _server_timeouts(limits).items()}
    return {"server_settings": timeouts}


def _server_timeouts(limits: Limits) -> dict[str, int]:
    """Server-side timeouts for abandoned transactions, in milliseconds.

    A running process stops slow transactions itself. These settings release the locks of a process
    that was killed or lost its network.
    """
    timeout = limits.transaction + SERVER_GRACE
    milliseconds = timeout // timedelta(milliseconds=1)
    return dict.fromkeys(SERVER_TIMEOUTS, milliseconds)


def _set_timeouts_at_begin(engine: AsyncEngine, limits: Limits) -> None:
    """Set the timeouts in each transaction: a pooler takes no settings with the connection."""
    settings = (
        sa.func.set_config(name, str(value), sa.true())
        for name, value in _server_timeouts(limits).items()
    )
    statement = sa.select(*settings)

    @event.listens_for(engine.sync_engine, "begin")
    def set_timeouts(connection: Connection) -> None:
        connection.execute(statement)
