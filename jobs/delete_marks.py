"""Deleting the write marks that no replica needs any more."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Final

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from models.write_mark import delete_expired

PAUSE: Final = timedelta(hours=1)
log = logging.getLogger("aftersales.clock")


async def keep_deleting(database: Database, stop: asyncio.Event) -> None:
    """Delete every hour until told to stop. A failed round is logged, and the next goes on."""
    while database.replica is not None and not stop.is_set():
        try:
            async with database.write() as connection:
                await delete_expired(connection)
        except (Overloaded, Unreachable):
            pass  # the next round tries again, and an outage is already in the log
        except Exception:
            log.exception("could not delete expired write marks")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE.total_seconds())
