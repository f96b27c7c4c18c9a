"""Finding refunds, and what was paid for the purchase line that they belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from database.advisory_lock import lock
from database.prepared import AnyConnection, Prepared
from domain.desk.refunds import EarlierRefund, PurchaseLine, RefundStatus, freight_of
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.refund import Refund, refunds
from models.service_order import service_orders

_LINE_OF_ORDER: Final = Prepared(
    sa.select(
        service_orders.c.order_number,
        service_orders.c.sku,
        service_orders.c.inbound,
        service_orders.c.earlier_freight,
    ).where(
        service_orders.c.merchant_id == sa.bindparam("merchant_id"),
        service_orders.c.id == sa.bindparam("id"),
    )
)
_PAID: Final = Prepared(
    sa.select(sa.func.max(service_orders.c.paid_amount).label("paid")).where(
        service_orders.c.merchant_id == sa.bindparam("merchant_id"),
        service_orders.c.order_number == sa.bindparam("order_number"),
        service_orders.c.sku == sa.bindparam("sku"),
    )
)
_OF_LINE: Final = Prepared(
    sa.select(
        refunds.c.service_order_id,
        refunds.c.submitted_by_id,
        refunds.c.amount,
        refunds.c.freight,
        refunds.c.status,
    ).where(
        refunds.c.merchant_id == sa.bindparam("merchant_id"),
        refunds.c.order_number == sa.bindparam("order_number"),
        refunds.c.sku == sa.bindparam("sku"),
    )
)
_BY_ID: Final = Prepared(
    sa.select(refunds)
    .where(refunds.c.merchant_id == sa.bindparam("merchant_id"), refunds.c.id == sa.bindparam("id"))
    .with_for_update()
)
_INSERT: Final = Prepared(
    sa.insert(refunds)
    .values({column.key: sa.bindparam(f"set_{column.key}") for column in refunds.c})
    .returning(refunds.c.id)
)
_REPORT: Final = Prepared(
    sa.update(refunds)
    .where(
        refunds.c.merchant_id == sa.bindparam("merchant_id"),
        refunds.c.id == sa.bindparam("refund_id"),
    )
    .values(
        {
            name: sa.bindparam(f"set_{name}", type_=refunds.c[name].type)
            for name in ("status", "reported_at", "payment_ref", "failure")
        }
    )
    .returning(refunds.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedLine:
    """A purchase line, locked: nobody else refunds of it until the transaction ends."""

    order_number: str
    sku: str
    line: PurchaseLine


async def lock_line(session: AnyConnection, merchant_id: int, order_id: int) -> LockedLine:
    """Lock the purchase line of an order, then read its refunds. Raises Refused(NotFound)."""
    rows = await _LINE_OF_ORDER.all(session, merchant_id=merchant_id, id=order_id)
    if not rows:
        raise Refused(NotFound(kind="ServiceOrder", path=("id",)))
    order = rows[0]
    key = {
        "merchant_id": merchant_id,
        "order_number": order.order_number,
        "sku": order.sku,
    }
    await lock(session, "refunds", *key.values())
    [paid] = await _PAID.all(session, **key)
    earlier = await _OF_LINE.all(session, **key)
    line = PurchaseLine(
        order_id=order_id,
        paid=paid.paid,
        freight_paid=freight_of(order.inbound, order.earlier_freight),
        refunds=[
            EarlierRefund(
                order_id=row.service_order_id,
                submitted_by=row.submitted_by_id,
                amount=row.amount,
                freight=row.freight,
                failed=row.status is RefundStatus.FAILED,
            )
            for row in earlier
        ],
    )
    return LockedLine(order_number=order.order_number, sku=order.sku, line=line)


async def lock_refund(session: AnyConnection, merchant_id: int, id_: int) -> Refund:
    """Lock the refund and return its row. Raises Refused(NotFound)."""
    rows = await _BY_ID.all(session, merchant_id=merchant_id, id=id_)
    if not rows:
        raise Refused(NotFound(kind="Refund", path=("id",)))
    return Refund(**rows[0]._asdict())


async def insert_refund(session: AnyConnection, refund: Refund) -> None:
    await _INSERT.raw(
        session, **{f"set_{name}": value for name, value in refund.model_dump().items()}
    )


async def report_refund(
    session: AnyConnection,
    merchant_id: int,
    id_: int,
    *,
    status: RefundStatus,
    reported_at: datetime,
    payment_ref: str | None,
    failure: str | None,
) -> None:
    """Store the outcome of the refund's payment."""
    await _REPORT.raw(
        session,
        merchant_id=merchant_id,
        refund_id=id_,
        set_status=status,
        set_reported_at=reported_at,
        set_payment_ref=payment_ref,
        set_failure=failure,
    )


def refundable(order: sa.FromClause) -> sa.ColumnElement[int]:
    """A column of a statement over orders: what can still be refunded of the order's line."""
    others, earlier = service_orders.alias(), refunds.alias()
    paid = (
        sa.select(sa.func.max(others.c.paid_amount))
        .where(
            others.c.merchant_id == order.c.merchant_id,
            others.c.order_number == order.c.order_number,
            others.c.sku == order.c.sku,
        )
        .scalar_subquery()
    )
    refunded = (
        sa.select(sa.func.coalesce(sa.func.sum(earlier.c.amount), 0))
        .where(
            earlier.c.merchant_id == order.c.merchant_id,
            earlier.c.order_number == order.c.order_number,
            earlier.c.sku == order.c.sku,
            earlier.c.status != RefundStatus.FAILED,
        )
        .scalar_subquery()
    )
    return sa.cast(paid - refunded, sa.BigInteger)
