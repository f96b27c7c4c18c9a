"""Checks what searches compare: the keys of applications, and the waybills of orders."""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from models.application import applications, search_keys
from models.journal.waybill import waybills_in
from models.service_order import service_orders
from models.waybill import waybills


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    for check in (_keys(connection, merchant_id), _waybills(connection, merchant_id)):
        async for finding in check:
            yield finding


async def _keys(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    table = applications.c
    rows = await connection.stream(
        sa.select(applications).where(table.merchant_id == merchant_id).order_by(table.id)
    )
    async for row in rows:
        expected = search_keys(
            order_number=row.order_number, name=row.customer_name, phone=row.customer_phone
        )
        differing = [name for name, key in expected.items() if row._mapping[name] != key]
        if differing:
            # Not the values: they are a customer's.
            detail = f"application {row.id}: {', '.join(differing)}"
            yield Finding(fault=Fault.SEARCH_DIFFERS, merchant_id=merchant_id, detail=detail)


async def _waybills(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    """Find the orders whose present waybills are not in the table; it may have earlier ones."""
    order = service_orders.c
    sent = (order.inbound, order.review_shipment, order.processing)
    rows = await connection.stream(
        sa.select(order.id, *sent, waybills.c.waybill)
        .outerjoin(
            waybills,
            (waybills.c.merchant_id == order.merchant_id)
            & (waybills.c.service_order_id == order.id),
        )
        .where(
            order.merchant_id == merchant_id,
            sa.or_(*[column.is_not(None) for column in sent]),
        )
        .order_by(order.id)
    )
    id_, missing = 0, set[str]()
    async for row in rows:
        if row.id != id_:
            if missing:
                yield _missing(merchant_id, id_, missing)
            id_, missing = row.id, set(waybills_in(dict(row._mapping)))
        missing.discard(row.waybill)
    if missing:
        yield _missing(merchant_id, id_, missing)


def _missing(merchant_id: int, order_id: int, missing: set[str]) -> Finding:
    return Finding(
        fault=Fault.SEARCH_DIFFERS,
        merchant_id=merchant_id,
        order_id=order_id,
        detail=f"waybills: {', '.join(sorted(missing))}",
    )
