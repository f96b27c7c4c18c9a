"""The counters of the desk, and the field with which payloads lead to them."""

from typing import Any

import strawberry

from domain.permissions import Permission
from execution.sources import Deferred
from models.queries.queues import QueueCounts, count_queues
from resolvers.context import Context


@strawberry.type(description="The number of service orders that wait in one status.")
class QueueCount:
    """Counters of a queue."""

    waiting: int = strawberry.field(
        description="The number of waiting orders, including overdue orders."
    )
    overdue: int = strawberry.field(description="The number of orders past their deadline.")
    due_soon: int = strawberry.field(
        description="The number of orders that are due within 4 hours."
    )
    past_target: int = strawberry.field(
        description="The number of orders past the merchant's own target (内部时限)."
    )


@strawberry.type(description="The counters of the desk, all read at the same moment.")
class QueueSummary:
    """The counters."""

    review: QueueCount = strawberry.field(description="待审核. Orders in `PENDING_REVIEW`.")
    receipt: QueueCount = strawberry.field(description="待收货. Orders in `AWAITING_RECEIPT`.")
    processing: QueueCount = strawberry.field(
        description="待处理. Orders in `AWAITING_PROCESSING`."
    )
    auto_approval_blocked: int = strawberry.field(
        description=(
            "The number of orders past the review deadline that the system cannot approve because "
            "the merchant has no return address."
        )
    )

    @classmethod
    def of(cls, counts: QueueCounts) -> "QueueSummary":
        """The counters of a merchant."""
        return cls(
            review=QueueCount(**counts.review),
            receipt=QueueCount(**counts.receipt),
            processing=QueueCount(**counts.processing),
            auto_approval_blocked=counts.blocked,
        )


def queue_summary_field() -> Any:  # Any: a field stands as the default of an attribute
    """The counters after a mutation, counted only if selected. For payloads, not parts of them."""
    return strawberry.field(
        default_factory=lambda: Deferred(_count),
        description=(
            "The counters of the desk after the request, as the query `queueSummary` has them. "
            "Null for a viewer without a merchant or without `SERVICE_ORDER_READ`."
        ),
        metadata={"deferred": True},
    )


async def _count(context: Context) -> QueueSummary | None:
    viewer = context.viewer
    if viewer.merchant_id is None or not viewer.may(Permission.SERVICE_ORDER_READ):
        return None
    async with context.read() as connection:
        return QueueSummary.of(await count_queues(connection, viewer.merchant_id, context.now))
