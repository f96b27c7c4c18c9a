"""Counting the orders in a merchant's queues."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import DUE_SOON
from domain.statuses import Status
from domain.targets import TARGETED
from models.service_order import service_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """Counts: ``COUNTED`` of each queue, and the blocked orders."""

    review: Mapping[str, int]
    receipt: Mapping[str, int]
    processing: Mapping[str, int]
    blocked: int


QUEUES: Final = TARGETED
"""The queues: the statuses in which the staff have to act."""

COUNTED: Final = ("waiting", "overdue", "due_soon", "past_target")


async def count_queues(connection: AsyncConnection, merchant_id: int, now: datetime) -> QueueCounts:
    """Count all queues in one statement, from indexes alone."""
    due, flagged = service_orders.c.clock_due_at, service_orders.alias("flagged")
    # A subquery of its own: counted with the queues, it would need the row of each order.
    blocked = (
        sa.select(sa.func.count())
        .select_from(flagged)
        .where(flagged.c.merchant_id == merchant_id, sa.text("flagged.auto_approval_blocked"))
    )
    # The same holds for the targets: the index that counts the queues does not have them.
    missed = [
        _count_missed(merchant_id, status, now).label(f"{name}_past_target")
        for name, status in QUEUES.items()
    ]
    rows = await connection.execute(
        sa.select(
            service_orders.c.status,
            sa.func.count().label("waiting"),
            count_if(due <= now).label("overdue"),
            count_if((due > now) & (due <= now + DUE_SOON)).label("due_soon"),
            blocked.scalar_subquery().label("blocked"),
            *missed,
        )
        .where(
            service_orders.c.merchant_id == merchant_id,
            service_orders.c.status.in_(QUEUES.values()),
        )
        .group_by(service_orders.c.status)
    )
    by_status = {row.status: row for row in rows}

    def counts(name: str, status: Status) -> dict[str, int]:
        row = by_status.get(status)
        if row is None:
            return dict.fromkeys(COUNTED, 0)
        past_target = getattr(row, f"{name}_past_target")
        return {
            "waiting": row.waiting,
            "overdue": row.overdue,
            "due_soon": row.due_soon,
            "past_target": past_target,
        }

    return QueueCounts(
        **{name: counts(name, status) for name, status in QUEUES.items()},
        blocked=max((row.blocked for row in by_status.values()), default=0),
    )


def _count_missed(merchant_id: int, status: Status, now: datetime) -> sa.ScalarSelect[Any]:
    order = service_orders.alias("targeted").c
    return (
        sa.select(sa.func.count())
        .where(order.merchant_id == merchant_id, order.status == status, order.target_at <= now)
        .scalar_subquery()
    )


def count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    """The number of rows that meet the condition."""
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
