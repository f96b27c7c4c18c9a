"""Counting what waits on a merchant's desk."""

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
    """For each queue: waiting, overdue, due_soon."""

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
    """All counters in one statement, from indexes alone."""
    due, flagged = service_orders.c.clock_due_at, service_orders.alias("flagged")
    # By itself: in the counting of what waits, each order would have to be looked up for it.
    blocked = (
        sa.select(sa.func.count())
        .select_from(flagged)
        .where(flagged.c.merchant_id == merchant_id, sa.text("flagged.auto_approval_blocked"))
    )
    found = await connection.execute(
        sa.select(
            service_orders.c.status,
            sa.func.count().label("waiting"),
            _count_if(due <= now).label("overdue"),
            _count_if((due > now) & (due <= now + DUE_SOON)).label("due_soon"),
            blocked.scalar_subquery().label("blocked"),
        )
        .where(
            service_orders.c.merchant_id == merchant_id,
            service_orders.c.status.in_(QUEUES.values()),
        )
        .group_by(service_orders.c.status)
    )
    by_status = {row.status: row for row in found}

    def counts(status: Status) -> dict[str, int]:
        row = by_status.get(status)
        names = ("waiting", "overdue", "due_soon")
        return {name: getattr(row, name) if row else 0 for name in names}

    return QueueCounts(
        **{name: counts(status) for name, status in QUEUES.items()},
        blocked=max((row.blocked for row in by_status.values()), default=0),
    )


def _count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
