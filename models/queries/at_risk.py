"""Counting the orders of each employee that will soon miss their deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.statuses import Status
from models.queries.assignments import IS_OPEN
from models.service_order import service_orders

MOST: Final = 500
"""The most employees that are counted, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Share:
    """The orders of one employee; of nobody, if ``assignee_id`` is None."""

    assignee_id: int | None
    orders: int
    earliest_due_at: datetime


async def count_at_risk(
    connection: AsyncConnection,
    merchant_id: int,
    statuses: Sequence[Status],
    after: datetime,
    until: datetime,
) -> Sequence[Share]:
    """Count the orders that are due after ``after`` and not after ``until``, in one statement."""
    order = service_orders.c
    earliest = sa.func.min(order.clock_due_at).label("earliest")
    rows = await connection.execute(
        sa.select(order.assignee_id, sa.func.count(), earliest)
        .where(
            order.merchant_id == merchant_id,
            order.status.in_(statuses),
            order.clock_due_at > after,
            order.clock_due_at <= until,
            IS_OPEN,
        )
        .group_by(order.assignee_id)
        .order_by(earliest, order.assignee_id)
        .limit(MOST)
    )
    return [Share(*row) for row in rows]
