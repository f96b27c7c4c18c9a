"""Running one export: its rows are read in pages, written to a file, and the file is stored.

Several processes may take up the same export, one after the other. Only the latest attempt can
change its row, so that only its file is shown.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.employees import Employee, find_employee
from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.actors import Actor
from domain.export_columns import CONTACT_COLUMNS, ExportColumn, Table
from domain.exports import (
    CLEANED_AFTER,
    KEPT_FOR,
    MAX_ATTEMPTS,
    MAX_ROWS,
    UNFINISHED,
    ExportError,
    ExportStatus,
    file_name,
    needed_permissions,
)
from domain.permissions import Permission
from jobs.exports.exporting import LEASE, Exporting
from jobs.exports.scratch import scratch
from jobs.exports.stopping import Stopped, pause, unless_stopped
from jobs.exports.writers import WRITERS, Writer
from models.journal.reveals import record_reveals
from models.journal.sets import ConcurrentChange
from models.queries import export_rows, exports
from models.queries.export_rows import Matching, Page, Position
from models.queries.exports import Row
from models.queries.presence import read_present
from watching.tracing import TRACING

T = TypeVar("T")
log: Final = logging.getLogger("aftersales.exports")
_CANDIDATES: Final = 10


class Failed(Exception):
    """The export cannot be completed."""

    def __init__(self, error: ExportError) -> None:
        super().__init__(error)
        self.error = error


class Lost(Exception):
    """The export was cancelled, or another process has begun it again."""


async def claim(exporting: Exporting) -> Row | None:
    """Start the export that has waited longest, unless another process does. None without one."""
    now = exporting.clock.now()
    find = partial(exports.find_waiting, now=now, limit=_CANDIDATES)
    waiting = await read_present(exporting.database, find)
    for row in waiting:
        values: dict[str, Any] = {  # Any: of columns
            "status": ExportStatus.RUNNING,
            "attempt": row.attempt + 1,
            "lease_until": now + LEASE,
            "started_at": row.started_at or now,
            "rows_written": 0,
            "updated_at": now,
        }
        is_given_up = row.attempt >= MAX_ATTEMPTS
        if is_given_up:
            values = _failure(exporting, ExportError.INTERRUPTED)
        async with exporting.database.write() as connection:
            is_changed = await exports.change(connection, row, statuses=UNFINISHED, **values)
            begun = await exports.find(connection, row.merchant_id, row.id)
        if is_changed and not is_given_up:
            return begun
    return None


async def run_export(exporting: Exporting, row: Row, stop: asyncio.Event) -> None:
    """Run an attempt of an export, as ``claim`` returned it, to its end."""
    attempt, counts = _Attempt(exporting, row, stop), exporting.counts
    heart = asyncio.create_task(attempt.beat())
    began, outcome = time.monotonic(), "failed"
    counts.exports_running += 1
    try:
        with TRACING.job("export"):
            await attempt.complete()
        outcome = "done"
        log.info("export %s: done", row.id)
    except Lost:
        outcome = "lost"
        log.info("export %s: cancelled, or begun again elsewhere", row.id)
    except Stopped:
        outcome = "stopped"
        await attempt.leave()
    except Failed as failed:
        log.info("export %s: %s", row.id, failed.error)
        await attempt.fail(failed.error)
    except Exception:
        log.exception("export %s failed", row.id)
        await attempt.fail(ExportError.INTERNAL)
    finally:
        heart.cancel()
        counts.exports_running -= 1
        counts.exports[outcome] += 1
        counts.export_seconds.observe(time.monotonic() - began)


def _failure(exporting: Exporting, error: ExportError) -> dict[str, Any]:  # Any: of columns
    now = exporting.clock.now()
    return {
        "status": ExportStatus.FAILED,
        "error": error,
        "finished_at": now,
        "updated_at": now,
        "lease_until": None,
        "clean_at": now + CLEANED_AFTER,
    }


class _Attempt:
    """One attempt of an export."""

    def __init__(self, exporting: Exporting, row: Row, stop: asyncio.Event) -> None:
        self._exporting = exporting
        self._database = exporting.database
        self._row = row
        self._stop = stop
        self._written = 0
        self._may_be_revealed = row.attempt > 1
        self._table = Table((), reveals=False)
        self._matching: Matching

    async def complete(self) -> None:
        """Write the file and store it. Raises Failed, Lost or Stopped."""
        row, exporting = self._row, self._exporting
        # Not when the attempt is made: another version of the server may have stored what this
        # one cannot read, which is to fail the export and not the process.
        self._table = Table(tuple(map(ExportColumn, row.chosen_columns)), reveals=False)
        self._matching = exporting.matching(row.order_filter, row.merchant_id, row.created_at)
        zone = (await self._persist(self._begin)).zone
        name = file_name(row.id, row.attempt, row.format)
        with scratch(exporting.scratch) as folder:
            file = folder / name
            writer = await asyncio.to_thread(
                WRITERS[row.format], file, self._table.columns, row.language, zone
            )
            try:
                await self._write(writer)
            except BaseException:
                writer.discard()
                raise
            await asyncio.to_thread(writer.close)
            await self._persist(
                lambda: unless_stopped(self._stop, exporting.files.put(row.merchant_id, name, file))
            )
            size = file.stat().st_size
        try:
            await self._persist(lambda: self._finish(size))
        except (Failed, Lost):
            if await self._persist(self._is_done):
                return  # the database was away for the answer, not for the commit
            await self._delete(name)
            raise

    async def _begin(self) -> Employee:
        """Choose whether contacts are shown, by what the employee may do now."""
        async with self._database.write() as connection:
            employee = await self._require(connection)
            shows = not CONTACT_COLUMNS.isdisjoint(self._table.columns)
            reveals = shows and employee.may(Permission.CUSTOMER_CONTACT_READ)
            await self._change(connection, reveals=reveals)
        self._table = replace(self._table, reveals=reveals)
        return employee

    async def _write(self, writer: Writer) -> None:
        cells = self._table.reader()
        after: Position | None = None
        while True:
            page = await self._persist(partial(self._read, after))
            if page.end is None:
                return
            if self._written + len(page.rows) > MAX_ROWS:
                raise Failed(ExportError.TOO_MANY_ROWS)
            await asyncio.to_thread(writer.write, map(cells, page.rows))
            self._written += len(page.rows)
            self._exporting.counts.export_rows += len(page.rows)
            after = page.end
            await self._persist(self._keep)

    async def _read(self, after: Position | None) -> Page:
        """The next page. Contacts are read only after an event says so on each timeline."""
        row, exporting = self._row, self._exporting
        if not self._table.reveals:
            async with self._database.read() as connection:
                await self._require(connection)
                return await export_rows.read_page(
                    connection, self._matching, self._table.needs, after=after, limit=exporting.page
                )
        async with self._database.write() as connection:
            await self._require(connection)
            page = await export_rows.read_page(
                connection, self._matching, (), after=after, limit=exporting.reveal_page
            )
            if not page.ids:
                return page
            # Until it is known that the transaction has ended: if the database is away for the
            # answer to the commit, the page is read again.
            again, self._may_be_revealed = self._may_be_revealed, True
            await record_reveals(
                connection,
                row.merchant_id,
                page.ids,
                self._actor(),
                export_id=row.id,
                now=exporting.clock.now(),
                again=again,
            )
            shown = await export_rows.read_orders(
                connection, row.merchant_id, self._table.needs, page.ids
            )
        self._may_be_revealed = row.attempt > 1
        return shown

    async def _finish(self, size: int) -> None:
        now = self._exporting.clock.now()
        async with self._database.write() as connection:
            await self._require(connection)
            await self._change(
                connection,
                status=ExportStatus.DONE,
                rows_written=self._written,
                bytes=size,
                finished_at=now,
                expires_at=now + KEPT_FOR,
                clean_at=now + KEPT_FOR,
                lease_until=None,
            )

    async def _is_done(self) -> bool:
        async with self._database.read() as connection:
            row = await exports.find(connection, self._row.merchant_id, self._row.id)
        if row is None or row.attempt != self._row.attempt:
            return False
        return bool(row.status is ExportStatus.DONE)

    async def beat(self) -> None:
        """Renew the lease while nothing else does, such as while a file is stored."""
        while True:
            await asyncio.sleep(self._exporting.heartbeat.total_seconds())
            try:
                await self._keep()
            except Lost:
                return  # the attempt finds it out itself
            except (Overloaded, Unreachable):
                continue
            except Exception:
                log.exception("export %s: could not renew its lease", self._row.id)

    async def fail(self, error: ExportError) -> None:
        """Record that the export failed, unless it is not this attempt's any more."""
        await self._last(_failure(self._exporting, error))

    async def leave(self) -> None:
        """Let another process begin the export at once."""
        now = self._exporting.clock.now()
        await self._last({"status": ExportStatus.QUEUED, "lease_until": now, "updated_at": now})

    async def _last(self, values: dict[str, Any]) -> None:  # Any: of columns
        try:
            async with self._database.write() as connection:
                await exports.change(
                    connection, self._row, statuses=(ExportStatus.RUNNING,), **values
                )
        except (Overloaded, Unreachable):
            return  # the lease ends, and another attempt comes to the same end
        except Exception:
            log.exception("export %s: could not record its end", self._row.id)

    async def _keep(self) -> None:
        """Renew the lease, and record how far the export is. Raises Lost."""
        async with self._database.write() as connection:
            await self._change(connection, rows_written=self._written)

    async def _change(self, connection: AsyncConnection, **values: object) -> None:
        """Change the row of the export. Raises Lost if it is not this attempt's any more."""
        now = self._exporting.clock.now()
        values = {"lease_until": now + LEASE, "updated_at": now, **values}
        statuses = (ExportStatus.RUNNING,)
        if not await exports.change(connection, self._row, statuses=statuses, **values):
            raise Lost

    async def _require(self, connection: AsyncConnection) -> Employee:
        """The employee who asked for the export. Raises Failed without the permissions for it."""
        row = self._row
        employee = await find_employee(connection, row.merchant_id, row.requested_by_id)
        needed = needed_permissions(reveals=self._table.reveals)
        if employee is None or not employee.may(*needed):
            raise Failed(ExportError.PERMISSION_WITHDRAWN)
        return employee

    async def _delete(self, name: str) -> None:
        try:
            await self._exporting.files.delete(self._row.merchant_id, [name])
        except (Overloaded, Unreachable):
            return  # it is deleted with the files of the other attempts

    async def _persist(self, action: Callable[[], Awaitable[T]]) -> T:
        """Repeat an action while the database or the store is away.

        Raises Stopped when the process ends.
        """
        while not self._stop.is_set():
            try:
                return await action()
            except ConcurrentChange:
                continue
            except (Overloaded, Unreachable):
                await pause(self._stop, self._exporting.retry)
                await self._check_kept()
        raise Stopped

    async def _check_kept(self) -> None:
        """Raises Lost. A database that is away says nothing."""
        try:
            await self._keep()
        except (Overloaded, Unreachable):
            return

    def _actor(self) -> Actor:
        row = self._row
        return Actor(
            kind=row.requested_by_kind,
            id=row.requested_by_id,
            name=row.requested_by,
            merchant_id=row.merchant_id,
        )
