"""Counting the unfinished orders of each employee of a merchant, and those of nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models.queries.assignments import IS_OPEN
from models.queries.queues import QUEUES, count_if
from models.service_order import service_orders

MOST: Final = 500
"""The most employees that are counted, those with the most orders first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The counts of one employee; of nobody, if ``assignee_id`` is None."""

    assignee_id: int | None
    unfinished: int
    review: int
    receipt: int
    processing: int
    overdue: int


async def count_work(
    connection: AsyncConnection, merchant_id: int, now: datetime
) -> Sequence[Work]:
    """Count in one statement, from an index alone. ``overdue`` are those of the three queues."""
    order = service_orders.c
    waits = order.status.in_(QUEUES.values())
    unfinished = sa.func.count().label("unfinished")
    rows = await connection.execute(
        sa.select(
            order.assignee_id,
            unfinished,
            *[count_if(order.status == status).label(name) for name, status in QUEUES.items()],
            count_if(waits & (order.clock_due_at <= now)).label("overdue"),
        )
        .where(order.merchant_id == merchant_id, IS_OPEN)
        .group_by(order.assignee_id)
        .order_by(unfinished.desc(), order.assignee_id)
        .limit(MOST)
    )
    return [Work(**row) for row in rows.mappings()]
