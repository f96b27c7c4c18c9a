"""Checks that nothing of a customer is left where an order was erased.

``orders`` checks the orders and their events, which it reads anyway.
"""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from domain.personal_data import erased
from models.application import applications
from models.refund import refunds
from models.service_order import service_orders
from models.waybill import waybills


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    order = service_orders.c
    some = await connection.scalar(
        sa.select(sa.literal(1))
        .where(order.merchant_id == merchant_id, order.personal_data_erased_at.is_not(None))
        .limit(1)
    )
    if some is None:
        return
    for table, link in (
        (applications, order.application_id == applications.c.id),
        (refunds, order.id == refunds.c.service_order_id),
        (waybills, order.id == waybills.c.service_order_id),
    ):
        rows = await connection.stream(
            sa.select(table, order.id.label("order_id"))
            .join(service_orders, (order.merchant_id == table.c.merchant_id) & link)
            .where(table.c.merchant_id == merchant_id, order.personal_data_erased_at.is_not(None))
            .order_by(order.id)
        )
        async for row in rows:
            # Not the values: they are a customer's.
            left = ["waybill"] if table is waybills else sorted(erased(table.name, row._asdict()))
            if left:
                yield Finding(
                    fault=Fault.PERSONAL_DATA_LEFT,
                    merchant_id=merchant_id,
                    order_id=row.order_id,
                    detail=f"{table.name}: {', '.join(left)}",
                )
