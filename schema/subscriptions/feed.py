"""Subscriptions of the feed and of the counters that follow from it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from domain.feed import EventFilter, FeedCursor
from domain.permissions import Permission
from execution.streams import Chunk
from resolvers.context import Context
from resolvers.feed.read_feed import feed_for
from resolvers.feed.streams import stream_counts, stream_events
from schema import ids
from schema.fields import Info, subscription
from schema.queries.feed import READERS
from schema.types.feed import (
    EventFilterInput,
    FeedEvent,
    MerchantArgument,
    filter_of,
    read_cursor,
)
from schema.types.queue_summary import QueueSummary


@strawberry.type
class FeedSubscriptions:
    """Subscriptions of the feed."""

    @subscription(*READERS)
    async def events(
        self,
        info: Info,
        after: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Begin after this cursor: the last one that was received, or that of a "
                    "snapshot. Without it, begin with what happens from now on."
                )
            ),
        ] = None,
        filter: Annotated[
            EventFilterInput | None, strawberry.argument(description="Send only matching events.")
        ] = None,
        merchant_id: MerchantArgument = None,
    ) -> AsyncGenerator[Chunk[FeedEvent], None]:
        """事件流. Sends the events of all service orders, in the order of the feed.

        After a lost connection, subscribe again after the last cursor: nothing is missed, and
        nothing comes twice. A cursor that is too old ends the stream with `CURSOR_EXPIRED`.
        """
        context, cursor = info.context, read_cursor(after)
        merchant = feed_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        async with aclosing(_events(context, merchant, cursor, filter_of(filter))) as chunks:
            async for chunk in chunks:
                yield chunk

    @subscription(*READERS)
    async def service_order_changed(
        self,
        info: Info,
        filter: Annotated[
            EventFilterInput | None, strawberry.argument(description="Send only matching events.")
        ] = None,
        merchant_id: MerchantArgument = None,
    ) -> AsyncGenerator[Chunk[FeedEvent], None]:
        """服务单变更. Sends each change of a service order from now on, with the order as it is.

        It cannot be resumed after a lost connection; `events` can.
        """
        context = info.context
        merchant = feed_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        async with aclosing(_events(context, merchant, None, filter_of(filter))) as chunks:
            async for chunk in chunks:
                yield chunk

    @subscription(Permission.SERVICE_ORDER_READ)
    async def queue_changed(self, info: Info) -> AsyncGenerator[Chunk[QueueSummary], None]:
        """队列计数. Sends the counters of the desk: now, and when they change.

        At most once a second.
        """
        context = info.context
        async with aclosing(stream_counts(context, context.merchant_id)) as stream:
            async for counts in stream:
                yield Chunk((QueueSummary.of(counts.counts),), counts.identity, counts.reads)


async def _events(
    context: Context, merchant_id: int | None, after: FeedCursor | None, filter_: EventFilter
) -> AsyncGenerator[Chunk[FeedEvent], None]:
    async with aclosing(stream_events(context, merchant_id, after, filter_)) as stream:
        async for rows, reads in stream:
            values = [FeedEvent.of(context, merchant_id, row) for row in rows]
            yield Chunk(values, tuple(row.position for row in rows), reads)
