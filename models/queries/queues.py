"""Counting the orders in a merchant's queues."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import DUE_SOON
from domain.statuses import Status
from models.service_order import service_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """Counts: ``waiting``, ``overdue`` and ``due_soon`` of each queue, and the blocked orders."""

    review: Mapping[str, int]
    receipt: Mapping[str, int]
    processing: Mapping[str, int]
    blocked: int


QUEUES: Final = {
    "review": Status.PENDING_REVIEW,
    "receipt": Status.AWAITING_RECEIPT,
    "processing": Status.AWAITING_PROCESSING,
}


async def count_queues(connection: AsyncConnection, merchant_id: int, now: datetime) -> QueueCounts:
    """Count all queues in one statement, from indexes alone."""
    due, flagged = service_orders.c.clock_due_at, service_orders.alias("flagged")
    # A subquery of its own: counted with the queues, it would need the row of each order.
    blocked = (
        sa.select(sa.func.count())
        .select_from(flagged)
        .where(flagged.c.merchant_id == merchant_id, sa.text("flagged.auto_approval_blocked"))
    )
    rows = await connection.execute(
        sa.select(
            service_orders.c.status,
            sa.func.count().label("waiting"),
            count_if(due <= now).label("overdue"),
            count_if((due > now) & (due <= now + DUE_SOON)).label("due_soon"),
            blocked.scalar_subquery().label("blocked"),
        )
        .where(
            service_orders.c.merchant_id == merchant_id,
            service_orders.c.status.in_(QUEUES.values()),
        )
        .group_by(service_orders.c.status)
    )
    by_status = {row.status: row for row in rows}

    def counts(status: Status) -> dict[str, int]:
        row = by_status.get(status)
        names = ("waiting", "overdue", "due_soon")
        return {name: getattr(row, name) if row else 0 for name in names}

    return QueueCounts(
        **{name: counts(status) for name, status in QUEUES.items()},
        blocked=max((row.blocked for row in by_status.values()), default=0),
    )


def count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    """The number of rows that meet the condition."""
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
