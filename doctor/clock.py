"""Checks that a process runs the clock."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from models.service_order import WATCHED, service_orders

GRACE: Final = timedelta(minutes=1)
"""How late a running clock may be: it takes one batch after the other."""


async def examine(connection: AsyncConnection, now: datetime) -> AsyncIterator[Finding]:
    """Yield one note if orders are overdue that a running clock would have taken."""
    due = service_orders.c.clock_due_at
    count, oldest = (
        await connection.execute(
            sa.select(sa.func.count(), sa.func.min(due)).where(sa.text(WATCHED), due <= now - GRACE)
        )
    ).one()
    if count:
        detail = f"{count} since {oldest.isoformat()}: does a server or a worker run the clock?"
        yield Finding(fault=Fault.OVERDUE, detail=detail)
