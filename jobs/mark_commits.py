"""Marking the commits of an SQLite database, once a second while there are any.

Each process marks for itself: of the others' commits it knows nothing, and need not.
"""

import asyncio
import contextlib
import logging
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from database.availability import Unreachable
from database.commit_mark import Loss, Mark, MarkFile, find_loss
from database.connection_limiter import Overloaded
from database.database import Database
from database.driver_connection import DriverConnection
from jobs.rounds import repeat

EVERY: Final = timedelta(seconds=1)
_ID_LIMIT: Final = 2**31 - 1
log = logging.getLogger("aftersales.marks")


async def keep_marking(database: Database, path: Path, stop: asyncio.Event) -> None:
    """Mark until told to stop, then mark the database as stopped. Commits never wait for it."""
    marker = Marker(database, path)
    await repeat(marker.mark, stop, every=EVERY, log=log, failure="could not mark commits")
    with contextlib.suppress(Overloaded, Unreachable):  # it is marked as in use, and is complete
        await marker.end()


class Marker:
    """The marks of one process."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database, self._path = database, path
        self._changes: int | None = None
        """The changes of this process that are marked, by SQLite's count; None at first."""
        self._has_failed = False

    async def mark(self) -> None:
        """Mark what this process has committed since the last call.

        The first call looks for lost commits, and brings the mark into the database's file.
        """
        if self._database.availability.stops_writing:
            return  # an empty transaction of ours would pass for one that wrote
        if self._changes is None:
            await self._begin()
            return
        async with self._database.write_prepared() as connection:
            mark, changes = await _read(connection), await _changes(connection)
            if mark.is_in_use and changes == self._changes:
                return
            await _set(connection, mark.next(in_use=True))
        if await self._keep():
            self._changes = changes

    async def end(self) -> None:
        """Mark the database as stopped. If other processes use it, they mark it again."""
        async with self._database.write_prepared() as connection:
            await _set(connection, (await _read(connection)).next(in_use=False))
        await self._keep()

    async def _begin(self) -> None:
        async with self._database.write_prepared() as connection:
            mark, file = await _read(connection), MarkFile.read(self._path)
            changes = await _changes(connection)
            loss = find_loss(mark, file)
            if mark.database == 0:
                mark = replace(mark, database=1 + secrets.randbelow(_ID_LIMIT))
                await _set_database(connection, mark)
            if file is not None and file.database == mark.database:
                mark = replace(mark, number=max(mark.number, file.mark))
            await _set(connection, mark.next(in_use=True))
        if loss is not None:
            log.error("COMMITS_LOST: %s: %s", self._path, loss.line())
        self._changes = changes if await self._keep(loss) else -1
        await self._database.checkpoint()

    async def _keep(self, loss: Loss | None = None) -> bool:
        """Write the file beside the database; whether that was possible.

        Only after the commit of the mark: the file must never be ahead. And under the write lock:
        processes would write older marks over newer ones.
        """
        async with self._database.write_prepared() as connection:
            mark, file = await _read(connection), MarkFile.read(self._path)
            if loss is None and file is not None and file.database == mark.database:
                loss = file.loss
            at = datetime.now(UTC).isoformat(timespec="seconds")
            new = MarkFile(database=mark.database, mark=mark.number, at=at, loss=loss)
            try:
                new.write(self._path)
            except OSError as error:
                if not self._has_failed:
                    log.warning("cannot write %s: %s", MarkFile.beside(self._path), error.strerror)
                self._has_failed = True
                return False
        self._has_failed = False
        return True


async def _read(connection: DriverConnection) -> Mark:
    [(database,)] = await connection.fetch("PRAGMA application_id", ())
    [(number,)] = await connection.fetch("PRAGMA user_version", ())
    return Mark(database, number)


async def _changes(connection: DriverConnection) -> int:
    [(changes,)] = await connection.fetch("SELECT total_changes()", ())
    return int(changes)


async def _set(connection: DriverConnection, mark: Mark) -> None:
    await connection.fetch(f"PRAGMA user_version = {mark.number}", ())


async def _set_database(connection: DriverConnection, mark: Mark) -> None:
    await connection.fetch(f"PRAGMA application_id = {mark.database}", ())
