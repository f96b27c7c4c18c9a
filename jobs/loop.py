"""The loop that does what is due: sleeps until the next deadline, a second at most."""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from typing import Final

from jobs.auto_approval import approve_overdue, next_due
from models.clock import Clock, SandboxClock
from models.database import Database

LONGEST_SLEEP: Final = timedelta(seconds=1)
SHORTEST_SLEEP: Final = timedelta(milliseconds=10)
log = logging.getLogger("aftersales.clock")


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Run until told to stop. A failed round is logged and tried again: what is due stays due."""
    log.info("the clock runs")
    while not stop.is_set():
        pause = LONGEST_SLEEP
        try:
            if isinstance(clock, SandboxClock):
                await clock.follow(database)
            pause = await tick(database, clock.now(), stop)
        except Exception:
            # The clock must outlive whatever went wrong in one round.
            log.exception("a round of the clock failed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause.total_seconds())


async def tick(database: Database, now: datetime, stop: asyncio.Event | None = None) -> timedelta:
    """Do what is due at ``now``, and say how long to sleep until the next deadline."""
    due = await next_due(database)
    if due is not None and due <= now:
        swept = await approve_overdue(database, now, stop)
        log.info("approved %s, blocked %s", swept.approved, swept.blocked)
        due = await next_due(database)
    if due is None:
        return LONGEST_SLEEP
    return min(LONGEST_SLEEP, max(due - now, SHORTEST_SLEEP))
