"""Comparing the clock with the database's time repeatedly, beside the other work of a process."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from models.clock import Clock, TimeState
from watching.counts import Counts

EVERY: Final = timedelta(seconds=5)
RETRY: Final = timedelta(seconds=1)
log = logging.getLogger("aftersales.time")


async def keep_time(
    database: Database, clock: Clock, stop: asyncio.Event, counts: Counts | None = None
) -> None:
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
        if counts is not None:
            _note(clock.state(), counts)
        try:
            async with asyncio.timeout(pause.total_seconds()):
                await stop.wait()
        except TimeoutError:
            continue


def _note(state: TimeState, counts: Counts) -> None:
    counts.clock_waits = state.waits is not None
    counts.clock_skew_s = None if state.skew is None else state.skew.total_seconds()
    counts.clock_error_s = None if state.error is None else state.error.total_seconds()
