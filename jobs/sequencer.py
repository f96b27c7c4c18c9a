"""The sequencer: gives committed events their places in the feed, and deletes old places.

Any number of processes may run it. It looks four times a second while nothing happens: if steps
notified it, PostgreSQL would commit them one after another.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.backoff import Backoff
from database.connection_limiter import Overloaded
from database.database import Database
from models.clock import Clock
from models.journal import sequencing
from models.queries.presence import read_present
from models.wake import announce_places
from watching.counts import JobCounts
from watching.tracing import TRACING

RETENTION: Final = timedelta(days=30)
IDLE: Final = timedelta(milliseconds=250)
"""The pause after a look that found nothing."""
BUSY: Final = timedelta(milliseconds=100)
"""The pause after one that found some. Larger sets cost less for each event."""
AWAY: Final = timedelta(seconds=2)
"""The longest pause while the database is away: so late are the first events after it is back."""
MERCHANTS: Final = 50
"""The most merchants whose events one transaction places."""
EVENTS: Final = 1000
"""The most events that it places for each of them."""
AT_ONCE: Final = 5000
"""The most events that it places for all of them, or a few more: others wait for it to commit."""
PURGE_EVERY: Final = timedelta(minutes=1)
PURGED: Final = 1000
"""The most places that one transaction deletes."""
log = logging.getLogger("aftersales.feed")


class Pauses:
    """How long the sequencer waits between two looks."""

    def __init__(self) -> None:
        self._outage, self._bug = Backoff(AWAY), Backoff()

    def after(self, count: int) -> timedelta:
        """After a look that placed so many events."""
        self._outage.reset()
        self._bug.reset()
        return BUSY if count else IDLE

    def after_outage(self) -> timedelta:
        """After a look at a database that is away or overloaded."""
        return self._outage.next_delay()

    def after_bug(self) -> timedelta:
        """After any other error. It grows more: each is logged."""
        return self._bug.next_delay()


@dataclass(slots=True)
class Turn:
    """Whose turn it is: merchants take turns, so that busy ones keep nobody waiting for long."""

    after: int = 0
    """The merchant that was served last."""


async def keep_sequencing(
    database: Database,
    clock: Clock,
    stop: asyncio.Event,
    *,
    retention: timedelta,
    placed: Callable[[], None] = lambda: None,
    counts: JobCounts | None = None,
) -> None:
    """Place events until told to stop; ``placed`` is called after each set of them.

    A failed round is repeated: an event stays in the outbox until it has its place.
    """
    pauses, purged_at, turn, counts = Pauses(), None, Turn(), counts or JobCounts()
    while not stop.is_set():
        try:
            now = clock.real.now()
            count = await sequence(database, now, turn)
            if count:
                counts.placed += count
                placed()
            if purged_at is None or now - purged_at >= PURGE_EVERY:
                await purge(database, now - retention, stop)
                purged_at = now
        except (Overloaded, Unreachable):
            pause = pauses.after_outage()  # it is already in the log
        except Exception:
            log.exception("could not place events in the feed")
            pause = pauses.after_bug()
        else:
            pause = pauses.after(count)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause.total_seconds())


async def sequence(database: Database, now: datetime, turn: Turn | None = None) -> int:
    """Place the events that are in the outbox; return how many. ``now`` is the real time."""
    turn = turn or Turn()
    find = partial(_find, after=turn.after)
    merchants, missing = await read_present(database, find)
    if not merchants:
        return 0
    if missing:
        async with database.write() as connection:
            await sequencing.create_heads(connection, missing)
    with TRACING.job("feed") as span:
        count = await _place_all(database, merchants, now, turn)
        span.note("aftersales.events", count)
    return count


async def _find(connection: AsyncConnection, after: int) -> tuple[Sequence[int], Sequence[int]]:
    """Merchants with events in the outbox, and those of them that have no head."""
    merchants = await sequencing.waiting_merchants(connection, MERCHANTS, after=after)
    missing = await sequencing.missing_heads(connection, merchants) if merchants else ()
    return merchants, missing


async def _place_all(
    database: Database, merchants: Sequence[int], now: datetime, turn: Turn
) -> int:
    """How many events of these merchants were placed. Moves the turn on."""
    if database.is_distributed:
        # A transaction of several merchants would be of several machines. The turn moves on also
        # if one of them cannot be served, or it would keep those behind it waiting.
        turn.after = merchants[-1]
        return await _place_each(database, merchants, now)
    try:
        count, turn.after = await _place(database, merchants, now)
    except (Overloaded, Unreachable):
        raise
    except Exception:
        # Rows of one of them do not fit, for instance after it was restored in part.
        log.exception("could not place the events of several merchants: trying each by itself")
        count = await _place_each(database, merchants, now)
        turn.after = merchants[-1]
    return count


async def _place_each(database: Database, merchants: Sequence[int], now: datetime) -> int:
    count = 0
    for merchant_id in merchants:
        try:
            placed, _ = await _place(database, [merchant_id], now)
        except (Overloaded, Unreachable):
            raise
        except Exception:
            log.exception("could not place the events of merchant %d", merchant_id)
        else:
            count += placed
    return count


async def _place(database: Database, merchants: Sequence[int], now: datetime) -> tuple[int, int]:
    """How many events were placed, and the merchant that was served last."""
    async with database.write() as connection:
        count, last = 0, 0
        for merchant_id in merchants:
            count += await sequencing.place_events(
                connection, merchant_id, limit=EVENTS, placed_at=now
            )
            last = merchant_id
            if count >= AT_ONCE:
                break
        if count:
            await announce_places(connection)
    return count, last


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
