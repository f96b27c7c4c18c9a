"""What a connection to an SQLite file needs, for transactions that hold what they promise."""

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
waits, so that the wait has to end before a transaction's time does."""
CACHE_KB: Final = 2_000
"""How much of the file a connection keeps in memory."""

WRITING_CACHE_KB: Final = 32_000
"""The same for the one that writes: what a large transaction changes should not spill over."""

CHECKPOINT_PAGES: Final = 4_000
"""After so many pages of 4 kB the log of writes is copied into the file, and begins anew."""

INTERRUPT_EVERY_S: Final = 0.05

BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
"""Locks at the beginning: what is read stays true until the commit."""


def prepare(engine: AsyncEngine, file: DatabaseFile, limits: Limits, *, writes: bool) -> None:
    """Let each transaction of the engine begin as it has to, and end with whoever waits for it."""
    busy = min(LONGEST_BUSY, limits.transaction * 2 / 3)
    begin, cache_kb = (BEGIN_WRITING, WRITING_CACHE_KB) if writes else ("BEGIN", CACHE_KB)

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        try:
            configure(connection)
        except BaseException:
            connection.close()  # the pool does not: the driver's thread would stay
            raise
        file.opened(record)

    @event.listens_for(engine.sync_engine, "close")
    def forget(_connection: object, record: object) -> None:
        file.closed(record)

    def configure(connection: Any) -> None:
        # The driver's own transactions begin too late: at the first write, after the first read.
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
        # A statement that nobody waits for any more would go on, and whoever gave it up would wait
        # for it after all, to close the connection. PostgreSQL's driver stops its own.
        connection.run_async(_undo)


async def _undo(driver: aiosqlite.Connection) -> None:
    """Stop what runs and take the transaction back, before the connection is closed.

    Closing alone would leave the write lock held for as long as anything refers to the statement.
    """
    undone = asyncio.ensure_future(driver.rollback())
    with contextlib.suppress(ValueError, sqlite3.Error):  # it is closed
        while not undone.done():
            await driver.interrupt()  # again: what waits for the thread begins after the first
            await asyncio.wait([undone], timeout=INTERRUPT_EVERY_S)
        await undone
