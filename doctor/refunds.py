"""Checks a merchant's refunds: against the events of their orders, and against what was paid."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from domain.desk.refunds import RefundStatus, freight_of
from domain.events import EventKind
from domain.money import yuan
from models.refund import refunds
from models.service_order import events, service_orders

_REPORTS: Final = {
    EventKind.REFUND_SETTLED: RefundStatus.SUCCEEDED,
    EventKind.REFUND_FAILED: RefundStatus.FAILED,
}
"""The events that report the outcome of a payment, and the status that it leaves."""

Particulars = tuple[int | None, Fault, str]
"""The order, the fault and its particulars."""


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    for check in (
        _statuses(connection, merchant_id),
        _copies(connection, merchant_id),
        _lines(connection, merchant_id),
        _freights(connection, merchant_id),
    ):
        async for order_id, fault, detail in check:
            yield Finding(fault=fault, merchant_id=merchant_id, order_id=order_id, detail=detail)


async def _statuses(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Particulars]:
    """Compare the refunds of each order with its events and with its count of pending ones."""
    order = service_orders.c
    stored = [
        sa.select(sa.func.count())
        .where(
            refunds.c.merchant_id == order.merchant_id,
            refunds.c.service_order_id == order.id,
            refunds.c.status == status,
        )
        .correlate(service_orders)
        .scalar_subquery()
        .label(f"stored_{status}")
        for status in RefundStatus
    ]
    events_of = [
        sa.select(sa.func.count())
        .where(
            events.c.merchant_id == order.merchant_id,
            events.c.service_order_id == order.id,
            events.c.kind == kind,
        )
        .correlate(service_orders)
        .scalar_subquery()
        .label(f"event_{kind}")
        for kind in (EventKind.REFUNDED, *_REPORTS)
    ]
    rows = await connection.stream(
        sa.select(order.id, order.pending_refunds, *stored, *events_of)
        .where(order.merchant_id == merchant_id)
        .order_by(order.id)
    )
    async for row in rows:
        if difference := ", ".join(_differences(row._mapping)):
            yield row.id, Fault.REFUNDS_DIFFER, difference


def _differences(row: sa.RowMapping) -> Iterator[str]:
    expected = {status: row[f"event_{kind}"] for kind, status in _REPORTS.items()}
    expected[RefundStatus.SUBMITTED] = row["event_REFUNDED"] - sum(expected.values())
    for status in RefundStatus:
        count = row[f"stored_{status}"]
        if count != expected[status]:
            yield f"{count} {status} instead of {expected[status]}"
    if row["pending_refunds"] != row["stored_SUBMITTED"]:
        yield f"pending_refunds {row['pending_refunds']} instead of {row['stored_SUBMITTED']}"


async def _copies(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Particulars]:
    names = ("order_number", "sku")
    refund, order = refunds.c, service_orders.c
    rows = await connection.stream(
        sa.select(refund.id, order.id.label("order_id"))
        .join(
            service_orders,
            (order.merchant_id == refund.merchant_id) & (order.id == refund.service_order_id),
        )
        .where(
            refund.merchant_id == merchant_id,
            sa.or_(*[refund[name] != order[name] for name in names]),
        )
        .order_by(refund.id)
    )
    async for row in rows:
        yield row.order_id, Fault.COPY_DIFFERS, f"refund {row.id}"


async def _lines(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Particulars]:
    """Compare the refunds of each purchase line with what was paid for it.

    A line is an item of a purchase; several service orders may be about it.
    """
    refund, order = refunds.c, service_orders.c
    paid = (
        sa.select(sa.func.max(order.paid_amount))
        .where(
            order.merchant_id == refund.merchant_id,
            order.order_number == refund.order_number,
            order.sku == refund.sku,
        )
        .correlate(refunds)
        .scalar_subquery()
    )
    rows = await connection.stream(
        sa.select(
            refund.order_number,
            refund.sku,
            sa.func.sum(refund.amount).label("refunded"),
            sa.func.min(refund.service_order_id).label("order_id"),
            sa.func.max(paid).label("paid"),
        )
        .where(_counts(merchant_id))
        .group_by(refund.order_number, refund.sku)
        .order_by(refund.order_number, refund.sku)
    )
    async for row in rows:
        if row.paid is not None and row.refunded > row.paid:
            detail = f"{row.order_number} {row.sku}: {yuan(int(row.refunded))} of {yuan(row.paid)}"
            yield row.order_id, Fault.REFUNDED_TOO_MUCH, detail


async def _freights(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Particulars]:
    """Compare the refunded freight of each order with what its customer paid for the shipment."""
    refund, order = refunds.c, service_orders.c
    freights = (
        sa.select(refund.service_order_id, sa.func.sum(refund.freight).label("freight"))
        .where(_counts(merchant_id))
        .group_by(refund.service_order_id)
        .having(sa.func.sum(refund.freight) > 0)
        .subquery()
    )
    rows = await connection.stream(
        sa.select(order.id, order.inbound, order.earlier_freight, freights.c.freight)
        .join(freights, freights.c.service_order_id == order.id)
        .where(order.merchant_id == merchant_id)
        .order_by(order.id)
    )
    async for row in rows:
        paid = freight_of(row.inbound, row.earlier_freight)
        if row.freight > paid:
            detail = f"freight {yuan(int(row.freight))} of {yuan(paid)}"
            yield row.id, Fault.REFUNDED_TOO_MUCH, detail


def _counts(merchant_id: int) -> sa.ColumnElement[bool]:
    """The merchant's refunds that count: those that have not failed."""
    return sa.and_(refunds.c.merchant_id == merchant_id, refunds.c.status != RefundStatus.FAILED)
