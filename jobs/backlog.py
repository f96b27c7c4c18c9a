"""Measuring how far the feed and the quality cases lag, for those who watch this process."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from database.database import Database
from jobs.rounds import repeat
from models.clock import Clock
from models.queries import backlog
from watching.counts import JobCounts

EVERY: Final = timedelta(seconds=10)
log = logging.getLogger("aftersales.watching")


async def keep_measuring(
    database: Database, clock: Clock, counts: JobCounts, stop: asyncio.Event
) -> None:
    """Measure until told to stop. While it fails, the lag is not known."""

    async def work() -> None:
        counts.feed_lag_s = counts.quality_lag_s = None
        await measure(database, clock, counts)

    await repeat(work, stop, every=EVERY, log=log, failure="could not measure the backlog")


async def measure(database: Database, clock: Clock, counts: JobCounts) -> None:
    """Measure both lags once. Raises Overloaded or Unreachable."""
    async with database.read() as connection:
        unplaced = await backlog.oldest_unplaced(connection)
        underived = await backlog.oldest_underived(connection)
    # Events bear the desk's time, which a sandbox moves, and places the real time.
    counts.feed_lag_s = _age(unplaced, clock.now())
    counts.quality_lag_s = _age(underived, clock.real.now())


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max((now - at).total_seconds(), 0.0)
