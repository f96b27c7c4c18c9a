"""Events of the feed, and the pages and snapshots that contain them."""

from typing import Annotated

import strawberry

from domain.events import EventKind
from domain.feed import EVERY_EVENT, BadCursor, EventFilter, FeedCursor
from domain.refusals.refusal import BadInput
from domain.statuses import Status
from domain.text import Text
from domain.words import at_most
from execution.sources import object_source
from models.queries.feed import FeedRow
from resolvers.context import Context
from resolvers.feed.read_feed import cursor_at
from schema import ids, visible
from schema.types.node import Connection
from schema.types.service_order import ServiceOrder
from schema.types.timeline import ServiceOrderEvent

MAX_ORDERS = 100

MerchantArgument = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description=(
            "The merchant whose feed to read. The platform's staff read the feed of all merchants "
            "without it. Required for a storefront that serves several merchants."
        )
    ),
]


@strawberry.input(
    name="EventFilter",
    description="Conditions on events. An event matches if it meets all that are given.",
)
class EventFilterInput:
    """A filter of events."""

    kind: list[EventKind] | None = strawberry.field(
        default=None, description="Match only events of these kinds."
    )
    to_status: list[Status] | None = strawberry.field(
        default=None,
        description="Match only events after which the order has one of these statuses.",
    )
    service_order_id: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Match only events of these service orders, at most 100."
    )

    def read(self) -> EventFilter:
        """Raises BadInput, or Refused for the id of something else."""
        path = ("filter", "serviceOrderId")
        if self.service_order_id is not None:
            at_most(self.service_order_id, *path, most=MAX_ORDERS)
        return EventFilter(
            kinds=None if self.kind is None else frozenset(self.kind),
            to_statuses=None if self.to_status is None else frozenset(self.to_status),
            orders=None
            if self.service_order_id is None
            else frozenset(
                ids.key_of("ServiceOrder", id_, *path, str(index))
                for index, id_ in enumerate(self.service_order_id)
            ),
        )


def filter_of(filter_: EventFilterInput | None) -> EventFilter:
    """Raises like ``EventFilterInput.read``."""
    return EVERY_EVENT if filter_ is None else filter_.read()


@strawberry.type(description="事件. An event in the feed, with its service order as it is now.")
class FeedEvent:
    """An event and its place."""

    cursor: str = strawberry.field(
        description=(
            "The place of the event in the feed. Pass it as `after` to read the events after it."
        )
    )
    event: ServiceOrderEvent = strawberry.field(
        description="The event, as on the timeline of its service order."
    )
    service_order: ServiceOrder = strawberry.field(
        description=(
            "The service order as it is now. Later events may have changed it: compare its "
            "`version` with the event's `sequence`."
        )
    )

    @classmethod
    def of(cls, context: Context, merchant_id: int | None, row: FeedRow) -> "FeedEvent":
        """The event of a row, in the feed of a merchant or of the platform."""
        return cls(
            cursor=cursor_at(merchant_id, row).encoded(),
            event=object_source("ServiceOrderEvent", row.event_key),
            service_order=object_source(
                "ServiceOrder", row.order_key, visible.orders(context.viewer)
            ),
        )


@strawberry.type(description="A page of the feed.")
class EventPage:
    """A page of events."""

    nodes: list[FeedEvent] = strawberry.field(description="The matching events, oldest first.")
    end_cursor: str = strawberry.field(
        description=(
            "The cursor to continue from; a page without a match has one, too. Store it in the "
            "same transaction as the effects of the page's events."
        )
    )
    has_next_page: bool = strawberry.field(
        description="Whether there may be more events now. If not, ask again later."
    )


@strawberry.type(
    description=(
        "快照. The first page of service orders, and a cursor of the feed. The events after it "
        "contain every later change."
    )
)
class Snapshot:
    """A page of orders and a cursor."""

    cursor: str = strawberry.field(
        description=(
            "Read `events` after this cursor once all pages of the orders are read. The events may "
            "include some that the orders already show."
        )
    )
    service_orders: Connection[ServiceOrder] = strawberry.field(
        description="The first page of the orders. Read the others with `serviceOrders`."
    )


def read_cursor(after: str | None) -> FeedCursor | None:
    """Raises BadInput for a text that is no cursor of a feed."""
    if after is None:
        return None
    try:
        return FeedCursor.decode(after)
    except BadCursor as error:
        message = Text("不是有效的事件游标", "This is not a cursor of the feed.")
        raise BadInput(("after",), message) from error
