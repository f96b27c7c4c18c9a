"""Finding the service orders of a purchase, for the checks of how many units are applied for."""

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock, lock_each
from database.any_of import AnyOf
from database.prepared import AnyConnection, Prepared
from domain.desk.intake import EarlierOrder
from domain.desk.refunds import RefundStatus
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.refund import refunds
from models.service_order import service_orders

_OF_PURCHASE: Final = (
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
    )
    .order_by(service_orders.c.id)
)
_OF_LINES: Final = _OF_PURCHASE.where(AnyOf(service_orders.c.sku, sa.bindparam("skus")))
_OF_LINE: Final = Prepared(_OF_PURCHASE.where(service_orders.c.sku == sa.bindparam("sku")))
_LINE_OF_ORDER: Final = Prepared(
    sa.select(service_orders.c.order_number, service_orders.c.sku).where(
        service_orders.c.merchant_id == sa.bindparam("merchant_id"),
        service_orders.c.id == sa.bindparam("id"),
    )
)


async def lock_lines(
    connection: AsyncConnection, merchant_id: int, order_number: str, skus: Iterable[str]
) -> Sequence[EarlierOrder]:
    """Lock the purchase lines until the transaction ends, then read their orders."""
    lines = sorted(set(skus))
    await lock_each(connection, [("purchase", merchant_id, order_number, sku) for sku in lines])
    rows = await connection.execute(
        _OF_LINES, {"merchant_id": merchant_id, "order_number": order_number, "skus": lines}
    )
    return [EarlierOrder(**row._asdict()) for row in rows]


async def lock_line_of(
    session: AnyConnection, merchant_id: int, order_id: int
) -> Sequence[EarlierOrder]:
    """Lock the purchase line of an order, then read its orders. Raises Refused(NotFound)."""
    rows = await _LINE_OF_ORDER.all(session, merchant_id=merchant_id, id=order_id)
    if not rows:
        raise Refused(NotFound(kind="ServiceOrder", path=("id",)))
    line = {"merchant_id": merchant_id, **rows[0]._asdict()}
    await lock(session, "purchase", *line.values())
    return [EarlierOrder(**row._asdict()) for row in await _OF_LINE.all(session, **line)]
