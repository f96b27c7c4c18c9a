"""Deleting the files of exports that have expired, failed or were cancelled."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from functools import partial
from typing import Final

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.exports import ExportStatus, file_name
from jobs.exports.exporting import Exporting
from jobs.exports.stopping import Stopped, unless_stopped
from jobs.rounds import repeat
from models.queries import exports
from models.queries.exports import Row
from models.queries.presence import read_present

BATCH: Final = 100
PAUSE: Final = timedelta(minutes=1)
_OVER: Final = (ExportStatus.DONE, ExportStatus.FAILED, ExportStatus.CANCELLED)
log: Final = logging.getLogger("aftersales.exports")


async def keep_cleaning(exporting: Exporting, stop: asyncio.Event) -> None:
    """Delete every minute until told to stop."""

    async def delete() -> None:
        if exporting.clock.state().waits is not None:
            return
        with contextlib.suppress(Stopped):
            count = await unless_stopped(stop, clean(exporting))
            if count:
                log.info("deleted the files of %s exports", count)

    await repeat(
        delete, stop, every=PAUSE, log=log, failure="could not delete the files of exports"
    )


async def clean(exporting: Exporting) -> int:
    """Delete the files whose time is over, the oldest first; returns of how many exports.

    Raises Overloaded or Unreachable if the store or the database is away.
    """
    find = partial(exports.find_to_clean, now=exporting.clock.now(), limit=BATCH)
    rows = await read_present(exporting.database, find)
    count = 0
    for row in rows:
        try:
            await _clean(exporting, row)
        except (Overloaded, Unreachable):
            raise
        except Exception:  # the files of one export must not keep those of the others
            log.exception("could not delete the files of export %s", row.id)
        else:
            count += 1
    return count


async def _clean(exporting: Exporting, row: Row) -> None:
    # Of each attempt: a process may have been killed after it had stored its file.
    names = [file_name(row.id, attempt, row.format) for attempt in range(1, row.attempt + 1)]
    await exporting.files.delete(row.merchant_id, names)
    is_done = row.status is ExportStatus.DONE
    async with exporting.database.write() as connection:
        await exports.change(
            connection,
            row,
            statuses=_OVER,
            status=ExportStatus.EXPIRED if is_done else row.status,
            clean_at=None,
            updated_at=exporting.clock.now(),
        )
