"""The one place that knows how to reach the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import SQLModel

from models.tables import table_of

BUSY_TIMEOUT_MS: Final = 30_000
CONNECTIONS: Final = 8
"""How many a process keeps of each engine; SQLite's one writer aside."""


@dataclass(frozen=True, slots=True)
class Database:
    """A reading and a writing engine on one database.

    On SQLite a writing transaction takes the write lock as it begins: what it read stays true until
    it commits. A process has one writing connection, so that writers queue in the process, in
    order, instead of polling for the file's lock.

    On PostgreSQL a writing transaction is READ COMMITTED: what it read may change until it writes,
    so that every write says what it relies on. A reading one is REPEATABLE READ, as on SQLite.
    """

    reading: AsyncEngine
    writing: AsyncEngine

    @classmethod
    def open(cls, url: str) -> Self:
        return cls(reading=_engine(url, writes=False), writing=_engine(url, writes=True))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that sees one state of the database."""
        async with self.reading.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, undone by an exception."""
        async with self.writing.begin() as connection:
            yield connection

    async def close(self) -> None:
        await asyncio.gather(self.reading.dispose(), self.writing.dispose())


async def add(connection: AsyncConnection, *rows: SQLModel) -> None:
    """Insert rows, in the order given."""
    for row in rows:
        # The values beside the statement, not in it: half the time, for none is walked over twice.
        await connection.execute(sa.insert(table_of(type(row))), row.model_dump())


def _engine(url: str, *, writes: bool) -> AsyncEngine:
    sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_async_engine(
        url,
        pool_size=1 if writes and sqlite else CONNECTIONS,
        max_overflow=0,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        hide_parameters=True,  # or the log of a failure would hold customers' phones
    )
    if sqlite:
        _prepare_sqlite(engine, begin="BEGIN IMMEDIATE" if writes else "BEGIN")
    elif not writes:
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def _prepare_sqlite(engine: AsyncEngine, *, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - a wrapped driver
        # The driver's own transactions begin too late: at the first write, after the first read.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def file_of(url: str) -> Path | None:
    """Where an SQLite database lies; None for a server."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)
