"""Comparing the clock with the database's time repeatedly, beside the other work of a process."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from models.clock import Clock

EVERY: Final = timedelta(seconds=5)
RETRY: Final = timedelta(seconds=1)
log = logging.getLogger("aftersales.time")


async def keep_time(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Measure until told to stop. During an outage the last measurement stands."""
    while not stop.is_set():
        pause = EVERY
        try:
            await clock.measure(database)
        except (Overloaded, Unreachable):
            pause = RETRY  # an outage is already in the log
        except Exception:
            log.exception("could not measure the time")
            pause = RETRY
        try:
            async with asyncio.timeout(pause.total_seconds()):
                await stop.wait()
        except TimeoutError:
            continue
