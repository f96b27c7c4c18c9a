"""Queries of the feed of events."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from domain.words import between
from execution.sources import page_source
from resolvers.feed.read_feed import end_of_feed, feed_for, read_feed
from schema import ids, visible
from schema.arguments import First, window
from schema.fields import Info, query
from schema.queries.desk import ServiceOrderOrdering
from schema.service_order_filter import ServiceOrderFilter
from schema.types.feed import (
    EventFilterInput,
    EventPage,
    FeedEvent,
    MerchantArgument,
    Snapshot,
    filter_of,
    read_cursor,
)

MAX_EVENTS = 100
READERS = (Permission.SERVICE_ORDER_READ, Permission.MERCHANT_READ)


@strawberry.type
class FeedQueries:
    """Queries of the feed."""

    @query(*READERS)
    async def events(
        self,
        info: Info,
        after: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Return only events after this cursor. Without it, from the oldest event that "
                    "is kept."
                )
            ),
        ] = None,
        first: Annotated[
            int, strawberry.argument(description="The number of events to return, 1 to 100.")
        ] = MAX_EVENTS,
        filter: Annotated[
            EventFilterInput | None, strawberry.argument(description="Return only matching events.")
        ] = None,
        merchant_id: MerchantArgument = None,
    ) -> EventPage:
        """事件流. Returns the events of all service orders, in the order of the feed.

        Each event comes exactly once, and none appears later before a cursor. A page considers at
        most 1,000 events: it can be empty although `hasNextPage` is true. A cursor that is older
        than the events that are kept is refused with `CURSOR_EXPIRED`.
        """
        context, cursor = info.context, read_cursor(after)
        between(first, "first", least=1, most=MAX_EVENTS)
        merchant = feed_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        page = await read_feed(context, merchant, cursor, first=first, filter_=filter_of(filter))
        context.reads_primary = True  # a replica may not have the events yet
        return EventPage(
            nodes=[FeedEvent.of(context, merchant, row) for row in page.rows],
            end_cursor=page.end.encoded(),
            has_next_page=page.has_next,
        )

    @query(*READERS)
    async def snapshot(
        self,
        info: Info,
        filter: Annotated[
            ServiceOrderFilter | None,
            strawberry.argument(description="Return only matching orders."),
        ] = None,
        first: First = None,
        merchant_id: MerchantArgument = None,
    ) -> Snapshot:
        """快照. Returns the first page of the orders, oldest first, and a cursor of the feed.

        Read the other pages with `serviceOrders(orderBy: APPLIED_AT_ASC)`, then `events` after the
        cursor: together they miss no change.
        """
        context = info.context
        merchant = ids.optional_merchant(merchant_id, "merchantId")
        cursor = await end_of_feed(context, feed_for(context, merchant))
        context.reads_primary = True  # the orders must show every event up to the cursor
        where = visible.orders_at(context.viewer, merchant)
        if filter is not None:
            merchant_of_viewer = context.viewer.merchant_id
            where = (
                *where,
                *filter.conditions(context.now, merchant_of_viewer, customer=False),
            )
        order = ServiceOrderOrdering.APPLIED_AT_ASC.value
        return Snapshot(
            cursor=cursor.encoded(),
            service_orders=page_source(
                "ServiceOrder", tuple(where), order, window(first, None, None, None)
            ),
        )
