"""The streams of subscriptions: events of a feed as they get their places, and counters."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final, NamedTuple

from database.shared_reads import SharedReads
from domain.feed import EventFilter, FeedCursor
from domain.refusals.feed import CursorExpired
from domain.refusals.refusal import Refused
from models.queries import feed
from models.queries.feed import FeedRow
from models.queries.queues import QueueCounts, count_queues
from resolvers.context import Context
from resolvers.feed.follower import FollowedFeed
from resolvers.feed.read_feed import check_owner, end_of_feed, start_of

WINDOW: Final = 100
"""The most events that a stream reads at once."""
COALESCED_S: Final = 1.0
"""The shortest time between two counts of one stream."""
RECOUNT_S: Final = 15.0
"""The longest time between two counts: orders become overdue without an event."""


class StreamedRows(NamedTuple):
    """Events of a stream, and the reads that it shares with others."""

    rows: list[FeedRow]
    reads: SharedReads


async def stream_events(
    context: Context, merchant_id: int | None, after: FeedCursor | None, filter_: EventFilter
) -> AsyncGenerator[StreamedRows, None]:
    """The matching events after the cursor; without one, those that get their place from now on.

    A stream keeps its position and no queue: a slow reader reads later, and larger windows. Raises
    Refused for a cursor that has expired, also in the middle: then the reader was too slow.
    """
    if after is not None:
        check_owner(after, merchant_id)
        async with context.services.database.read_prepared() as connection:
            start = await start_of(connection, merchant_id, after)
    else:
        start = await end_of_feed(context, merchant_id)
    position = start.position
    with context.services.follower.follow(merchant_id) as followed:
        while True:
            await followed.wait_beyond(position)
            reads = followed.reads
            rows = await feed.window(reads, merchant_id, after=position, limit=WINDOW)
            if not rows or rows[0].position != position + 1:
                raise Refused(CursorExpired(path=("after",)))
            position = rows[-1].position
            matching = [row for row in rows if filter_.matches(row)]
            if matching:
                yield StreamedRows(matching, reads)


class StreamedCounts(NamedTuple):
    """Counters of a stream. ``identity`` is equal for the same count."""

    counts: QueueCounts
    identity: object
    reads: SharedReads


async def stream_counts(context: Context, merchant_id: int) -> AsyncGenerator[StreamedCounts, None]:
    """The counters of the queues: now, and whenever they have changed, at most once a second."""
    last = None
    with context.services.follower.follow(merchant_id) as followed:
        while True:
            position = followed.position
            streamed = await _count(context, followed, merchant_id)
            if streamed.counts != last:
                last = streamed.counts
                yield streamed
            await asyncio.sleep(COALESCED_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RECOUNT_S):
                    await followed.wait_beyond(position)


async def _count(context: Context, followed: FollowedFeed, merchant_id: int) -> StreamedCounts:
    reads = followed.reads

    async def count() -> QueueCounts:
        async with context.services.database.read() as connection:
            return await count_queues(connection, merchant_id, context.services.clock.now())

    # Counted anew after a while although nothing happened.
    identity = ("counts", int(asyncio.get_running_loop().time() // RECOUNT_S))
    return StreamedCounts(await reads.once(identity, count), identity, reads)
