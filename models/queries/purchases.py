"""Finding the service orders of a purchase, for the checks of a new application."""

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock_each
from database.any_of import AnyOf
from domain.desk.intake import EarlierOrder
from domain.desk.refunds import RefundStatus
from models.refund import refunds
from models.service_order import service_orders

_ORDERS: Final = (
    sa.select(
        service_orders.c.id,
        service_orders.c.sku,
        service_orders.c.quantity,
        service_orders.c.purchased_quantity,
        service_orders.c.status,
        sa.exists()
        .where(
            refunds.c.merchant_id == service_orders.c.merchant_id,
            refunds.c.service_order_id == service_orders.c.id,
            refunds.c.status != RefundStatus.FAILED,
        )
        .label("is_refunded"),
    )
    .where(
        service_orders.c.merchant_id == sa.bindparam("merchant_id"),
        service_orders.c.order_number == sa.bindparam("order_number"),
        AnyOf(service_orders.c.sku, sa.bindparam("skus")),
    )
    .order_by(service_orders.c.id)
)


async def lock_lines(
    connection: AsyncConnection, merchant_id: int, order_number: str, skus: Iterable[str]
) -> Sequence[EarlierOrder]:
    """Lock the purchase lines until the transaction ends, then read their orders."""
    lines = sorted(set(skus))
    await lock_each(connection, [("purchase", merchant_id, order_number, sku) for sku in lines])
    rows = await connection.execute(
        _ORDERS, {"merchant_id": merchant_id, "order_number": order_number, "skus": lines}
    )
    return [EarlierOrder(**row._asdict()) for row in rows]
