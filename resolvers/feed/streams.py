"""The streams of subscriptions: events of a feed as they get their places, and counters."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Final, NamedTuple

from database.shared_reads import SharedReads
from domain.feed import EventFilter, EventIdentity, FeedCursor
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
    Refused for a cursor that has expired, also in the middle: then the reader was too slow, or the
    database has another history, for instance after a failover.
    """
    async with context.services.database.stream_turn:
        await work_for(context, merchant_id)
        start = await _start(context, merchant_id, after)
    position, last = start.position, start.event
    with context.services.follower.follow(merchant_id) as followed:
        losses = followed.losses
        while True:
            await followed.wait_beyond(position, losses)
            if followed.losses != losses:
                losses = followed.losses
                await _check_kept(context, FeedCursor(merchant_id, position, last))
                continue
            reads, head = followed.reads, followed.position
            rows = await _next_window(reads, merchant_id, position, last)
            # What is beyond the head waits: these reads may hold its order as it was before.
            rows = [row for row in rows if row.position <= head]
            position, last = rows[-1].position, rows[-1].identity
            matching = [row for row in rows if filter_.matches(row)]
            if matching:
                yield StreamedRows(matching, reads)


async def work_for(context: Context, merchant_id: int | None) -> None:
    """Let the watch of viewers know whose feed is read. Raises Refused, as it does later."""
    if merchant_id is not None and context.viewer.merchant_id is None:
        await context.services.viewer_watch.check_merchant(context.viewer, merchant_id)
    if context.watched is not None:
        context.watched.merchant_id = merchant_id


async def _start(context: Context, merchant_id: int | None, after: FeedCursor | None) -> FeedCursor:
    if after is None:
        return await end_of_feed(context, merchant_id)
    check_owner(after, merchant_id)
    async with context.services.database.read_prepared() as connection:
        return await start_of(connection, merchant_id, after)


async def _check_kept(context: Context, cursor: FeedCursor) -> None:
    """Refuse to go on if the event of the cursor is among those that were lost."""
    async with context.services.database.stream_turn:
        await _start(context, cursor.merchant_id, cursor)


async def _next_window(
    reads: SharedReads, merchant_id: int | None, position: int, last: EventIdentity | None
) -> Sequence[FeedRow]:
    """The events after the position, at which ``last`` is. At least one. Raises Refused."""
    if last is None:
        rows = await feed.window(reads, merchant_id, after=position, limit=WINDOW)
    else:
        # From the last one on: if it is another now, so is what followed it.
        rows = await feed.window(reads, merchant_id, after=position - 1, limit=WINDOW + 1)
        if rows and rows[0].position == position:
            rows = rows[1:] if rows[0].identity == last else ()
    if not rows or rows[0].position != position + 1:
        raise Refused(CursorExpired(path=("after",)))
    return rows


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
        database = context.services.database
        async with database.stream_turn, database.read() as connection:
            return await count_queues(connection, merchant_id, context.services.clock.now())

    # Counted anew after a while although nothing happened.
    identity = ("counts", int(asyncio.get_running_loop().time() // RECOUNT_S))
    return StreamedCounts(await reads.once(identity, count), identity, reads)
