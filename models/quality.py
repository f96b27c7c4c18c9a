"""The tables of service quality: the cases of orders, and how far they are derived."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from domain.quality.cases import CaseKind
from models.columns import big, enum, whole
from models.tables import table_of, within_tenant


class QualityCase(SQLModel, table=True):
    """A case of an order: see ``domain.quality.cases``.

    ``day`` is the ordinal number of its day in the merchant's time zone, ``marks`` the sum of its
    marks. ``reason_code`` and ``category`` are copies from the order, which never change there.
    """

    __tablename__ = "quality_case"
    __table_args__ = (
        within_tenant("service_order_id", "service_order"),
        # All columns that figures read: without the rows, and in the order of pages.
        Index(
            "ix_quality_case_figures",
            "merchant_id",
            "kind",
            "day",
            "at",
            "service_order_id",
            "sequence",
            "employee_id",
            "marks",
            "amount",
        ),
        # The work of one employee, in the order of its pages.
        Index(
            "ix_quality_case_employee",
            "merchant_id",
            "employee_id",
            "day",
            "at",
            "service_order_id",
            "sequence",
            "kind",
            sqlite_where=text("employee_id IS NOT NULL"),
            postgresql_where=text("employee_id IS NOT NULL"),
        ),
    )

    merchant_id: int = big(primary_key=True)
    service_order_id: int = big(primary_key=True)
    kind: CaseKind = enum(CaseKind, primary_key=True)
    sequence: int = whole(primary_key=True)
    at: datetime
    day: int
    employee_id: int | None = big(default=None)
    marks: int
    amount: int | None = big(default=None)
    reason_code: str = Field(max_length=64)
    category: str | None = Field(default=None, max_length=64)


class QualityHead(SQLModel, table=True):
    """How far a merchant's cases are derived: all events of its feed up to ``position`` count.

    ``rebuilt_to`` is the last order whose cases were derived anew; None if that is done for all.
    ``version`` and ``time_zone`` are those with which the cases are derived.
    """

    __tablename__ = "quality_head"

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    position: int = big()
    rebuilt_to: int | None = big(default=None)
    version: int
    time_zone: str = Field(max_length=64)


quality_cases = table_of(QualityCase)
quality_heads = table_of(QualityHead)
