"""Settings of SQLite connections: pragmas, how transactions begin, how statements are stopped."""

import asyncio
import contextlib
import sqlite3
from datetime import timedelta
from typing import Any, Final

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from database.connection_limiter import Limits
from database.sqlite_file import DatabaseFile

LONGEST_BUSY: Final = timedelta(seconds=10)
"""How long a transaction waits for another process's lock. SQLite cannot be interrupted while it
waits, so the wait must end before the transaction's time limit."""

CACHE_KB: Final = 2_000
"""The page cache of a reading connection."""

WRITING_CACHE_KB: Final = 32_000
"""The page cache of the writing connection, so that a large transaction does not spill to disk."""

CHECKPOINT_PAGES: Final = 4_000
"""The pages of 4 kB in the write-ahead log after which it is copied into the file."""

INTERRUPT_EVERY_S: Final = 0.05

BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
"""Takes the write lock at the beginning: what the transaction reads stays true until it commits."""


def configure_engine(
    engine: AsyncEngine, file: DatabaseFile, limits: Limits, *, writes: bool
) -> None:
    """Set up each connection, begin transactions explicitly, and stop abandoned statements."""
    busy = min(LONGEST_BUSY, limits.transaction * 2 / 3)
    begin, cache_kb = (BEGIN_WRITING, WRITING_CACHE_KB) if writes else ("BEGIN", CACHE_KB)

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        try:
            configure(connection)
        except BaseException:
            connection.close()  # the pool does not, and the driver's thread would go on
            raise
        file.opened(record)

    @event.listens_for(engine.sync_engine, "close")
    def forget(_connection: object, record: object) -> None:
        file.closed(record)

    def configure(connection: Any) -> None:
        # The driver begins its own transactions too late: at the first write, after earlier reads.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            f"busy_timeout = {busy // timedelta(milliseconds=1)}",
            f"cache_size = {-cache_kb}",
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine.sync_engine, "invalidate")
    def stop(connection: Any, _record: object, _error: object) -> None:
        # An abandoned statement would go on, and closing the connection would wait for it.
        # PostgreSQL's driver stops its statements itself.
        connection.run_async(_roll_back)


async def _roll_back(driver: aiosqlite.Connection) -> None:
    """Stop the running statement and roll back, before the connection is closed.

    Closing alone would leave the write lock held for as long as anything refers to the statement.
    """
    rollback = asyncio.ensure_future(driver.rollback())
    with contextlib.suppress(ValueError, sqlite3.Error):  # it is closed already
        while not rollback.done():
            # Repeated: a statement that was queued for the thread starts after the first interrupt.
            await driver.interrupt()
            await asyncio.wait([rollback], timeout=INTERRUPT_EVERY_S)
        await rollback
