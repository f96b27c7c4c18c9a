"""The sequencer: gives committed events their places in the feed, and deletes old places.

Any number of processes may run it. It looks four times a second while nothing happens: if steps
notified it, PostgreSQL would commit them one after another.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from database.availability import Unreachable
from database.backoff import Backoff
from database.connection_limiter import Overloaded
from database.database import Database
from models.clock import Clock
from models.journal import sequencing
from models.wake import announce_places

RETENTION: Final = timedelta(days=30)
IDLE: Final = timedelta(milliseconds=250)
"""The pause after a look that found nothing."""
BUSY: Final = timedelta(milliseconds=100)
"""The pause after one that found some. Larger sets cost less for each event."""
MERCHANTS: Final = 50
"""The most merchants whose events one transaction places."""
EVENTS: Final = 1000
"""The most events that it places for each of them."""
PURGE_EVERY: Final = timedelta(minutes=1)
PURGED: Final = 1000
"""The most places that one transaction deletes."""
log = logging.getLogger("aftersales.feed")


async def keep_sequencing(
    database: Database,
    clock: Clock,
    stop: asyncio.Event,
    *,
    retention: timedelta,
    placed: Callable[[], None] = lambda: None,
) -> None:
    """Place events until told to stop; ``placed`` is called after each set of them.

    A failed round is repeated: an event stays in the outbox until it has its place.
    """
    backoff, purged_at = Backoff(), None
    while not stop.is_set():
        try:
            now = clock.real.now()
            count = await sequence(database, now)
            if count:
                placed()
            if purged_at is None or now - purged_at >= PURGE_EVERY:
                await purge(database, now - retention, stop)
                purged_at = now
        except (Overloaded, Unreachable):
            pause = backoff.next_delay()  # an outage is already in the log
        except Exception:
            log.exception("could not place events in the feed")
            pause = backoff.next_delay()
        else:
            backoff.reset()
            pause = BUSY if count else IDLE
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause.total_seconds())


async def sequence(database: Database, now: datetime) -> int:
    """Place the events that are in the outbox; return how many. ``now`` is the real time."""
    async with database.read() as connection:
        merchants = await sequencing.waiting_merchants(connection, MERCHANTS)
        missing = await sequencing.missing_heads(connection, merchants) if merchants else ()
    if not merchants:
        return 0
    if missing:
        async with database.write() as connection:
            await sequencing.create_heads(connection, missing)
    return await _place(database, merchants, now)


async def _place(database: Database, merchants: Sequence[int], now: datetime) -> int:
    async with database.write() as connection:
        count = 0
        for merchant_id in merchants:
            count += await sequencing.place_events(
                connection, merchant_id, limit=EVENTS, placed_at=now
            )
        if count:
            await announce_places(connection)
    return count


async def purge(database: Database, before: datetime, stop: asyncio.Event | None = None) -> int:
    """Delete the places from ``before``, in batches; return how many."""
    total = 0
    while stop is None or not stop.is_set():
        async with database.write() as connection:
            count = await sequencing.purge(connection, before=before, limit=PURGED)
        total += count
        if count < PURGED:
            break
    return total
