"""Refunds of service orders."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from domain.desk.refunds import RefundMethod, RefundStatus
from models.columns import big, enum, long_text
from models.tables import table_of, within_tenant


class Refund(SQLModel, table=True):
    """A refund; amounts in fen.

    ``order_number`` and ``sku`` name the purchase line: all refunds of one line, over all its
    service orders, are bounded by what was paid for it.
    """

    __table_args__ = (
        within_tenant("service_order_id", "service_order"),
        Index("ix_refund_service_order", "merchant_id", "service_order_id", "id"),
        Index("ix_refund_line", "merchant_id", "order_number", "sku"),
    )

    merchant_id: int = big(primary_key=True)
    id: int = big(primary_key=True)
    service_order_id: int = big()
    order_number: str = Field(max_length=64)
    sku: str = Field(max_length=64)
    amount: int = big()
    freight: int = big(default=0)
    method: RefundMethod = enum(RefundMethod)
    status: RefundStatus = enum(RefundStatus)
    submitted_by: str = Field(max_length=64)
    submitted_by_id: int = big()
    submitted_at: datetime
    reported_at: datetime | None = None
    payment_ref: str | None = Field(default=None, max_length=64)
    failure: str | None = long_text(default=None)


refunds = table_of(Refund)
