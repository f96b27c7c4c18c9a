"""Deleting the marks of writes that every replica must have shown by now."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Final

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from models.write_mark import forget_old

PAUSE: Final = timedelta(hours=1)
log = logging.getLogger("aftersales.clock")


async def keep_forgetting_marks(database: Database, stop: asyncio.Event) -> None:
    """Every hour, until told to stop. A failed round is logged: what is old stays old."""
    while database.replica is not None and not stop.is_set():
        try:
            async with database.write() as connection:
                await forget_old(connection)
        except (Overloaded, Unreachable):
            pass  # the next round tries again; an outage is in the log already
        except Exception:
            log.exception("could not forget old marks of writes")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE.total_seconds())
