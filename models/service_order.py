"""The tables of service orders, one for each item of an application, and of their events."""

from datetime import datetime
from typing import Final

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from domain.actions import Action
from domain.actors import ActorKind
from domain.applications import Expectation, LogisticsIn
from domain.clocks import CONSEQUENCES
from domain.events import EventKind
from domain.statuses import Status
from models.columns import Stored, big, enum, json, long_text
from models.tables import table_of, within_tenant

_TIMED: Final = ", ".join(f"'{status}'" for status in CONSEQUENCES)
ESCALATED: Final = "escalated_at IS NOT NULL AND ruled_at IS NULL"
"""The condition for rows that wait for a ruling of the platform."""
WATCHED: Final = f"status IN ({_TIMED}) AND NOT auto_approval_blocked AND pending_refunds = 0"
"""The condition for rows whose clock has a consequence that nothing holds up."""

OPEN: Final = "finished_at IS NULL"
"""The condition for rows of unfinished orders."""


UNERASED: Final = "finished_at IS NOT NULL AND personal_data_erased_at IS NULL"
"""The condition for rows of finished orders that still hold personal data."""

COMMON_DECISIONS: Final = (Action.APPROVE, Action.AUTO_APPROVE)
_COMMON: Final = ", ".join(f"'{decision}'" for decision in COMMON_DECISIONS)
RARELY_DECIDED: Final = f"decision NOT IN ({_COMMON})"
"""The condition for rows with a decision that few orders have.

A page of orders with a common decision comes from the index of all orders. So the index of
decisions makes no approval dearer.
"""


def _where_set(name: str, column: str, *more: str) -> Index:
    """An index of a merchant's rows in which the column has a value."""
    condition = text(f"{column} IS NOT NULL")
    return Index(
        name,
        "merchant_id",
        column,
        *more,
        sqlite_where=condition,
        postgresql_where=condition,
    )


class ServiceOrder(SQLModel, table=True):
    """The present state of an order. ``version`` is the sequence of its latest event.

    ``order_number`` and ``customer_ref`` are copies from the application, which never change, so
    that one index can answer a merchant's search. ``review_left_ms`` is the rest of the review
    clock when it was paused. ``clock_pauses`` are the pauses of the current status's clock, those
    ahead included. Amounts are in fen.

    ``own_reason`` and ``own_review_reason`` are copies of the merchant's own reasons, None for the
    platform's.

    ``customer_version`` and ``customer_updated_at`` count only the events that the customer sees,
    so that no customer can tell when an internal event happened. ``inbound`` is the customer's
    shipment, ``receipt`` the findings, ``processing`` the latest refund, exchange, repair or
    return. ``review_address_rule`` says why the goods go to ``review_address``. ``target_at`` is
    the merchant's own target of the current status. After ``personal_data_erased_at`` the order
    never changes again.

    ``ruling`` is the platform's latest ruling, ``ruled_at`` is null while the order waits for one.
    ``earlier_freight`` is that of the shipments before a ruling that the goods go back again.
    """

    __tablename__ = "service_order"
    __table_args__ = (
        within_tenant("application_id", "application"),
        within_tenant("assignee_id", "employee"),
        Index("ix_service_order_queue", "merchant_id", "status", "applied_at", "id"),
        Index("ix_service_order_applied", "merchant_id", "applied_at", "id"),
        Index("ix_service_order_updated", "merchant_id", "updated_at", "id"),
        Index("ix_service_order_due", "merchant_id", "clock_due_at", "id"),
        Index("ix_service_order_queue_due", "merchant_id", "status", "clock_due_at", "id"),
        Index(
            "ix_service_order_target",
            "merchant_id",
            "target_at",
            "id",
            "status",
            sqlite_where=text("target_at IS NOT NULL"),
            postgresql_where=text("target_at IS NOT NULL"),
        ),
        Index("ix_service_order_application", "merchant_id", "application_id"),
        Index("ix_service_order_purchase", "merchant_id", "order_number"),
        Index("ix_service_order_customer", "merchant_id", "customer_ref", "applied_at", "id"),
        Index("ix_service_order_sku", "merchant_id", "sku"),
        Index("ix_service_order_assignee", "merchant_id", "assignee_id", "applied_at", "id"),
        Index(
            "ix_service_order_work",
            "merchant_id",
            "assignee_id",
            "status",
            "clock_due_at",
            "id",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "ix_service_order_own_reason",
            "merchant_id",
            "reason_code",
            "applied_at",
            "id",
            sqlite_where=text("own_reason IS NOT NULL"),
            postgresql_where=text("own_reason IS NOT NULL"),
        ),
        Index(
            "ix_service_order_own_review_reason",
            "merchant_id",
            "review_reason",
            "applied_at",
            "id",
            sqlite_where=text("own_review_reason IS NOT NULL"),
            postgresql_where=text("own_review_reason IS NOT NULL"),
        ),
        Index(
            "ix_service_order_blocked",
            "merchant_id",
            "applied_at",
            "id",
            sqlite_where=text("auto_approval_blocked"),
            postgresql_where=text("auto_approval_blocked"),
        ),
        Index(
            "ix_service_order_escalated",
            "merchant_id",
            "escalated_at",
            "id",
            sqlite_where=text(ESCALATED),
            postgresql_where=text(ESCALATED),
        ),
        Index(
            "ix_service_order_escalated_anywhere",
            "escalated_at",
            "id",
            sqlite_where=text(ESCALATED),
            postgresql_where=text(ESCALATED),
        ),
        Index(
            "ix_service_order_timers",
            "clock_due_at",
            sqlite_where=text(WATCHED),
            postgresql_where=text(WATCHED),
        ),
        # Without the rows that have no such value, so that the steps before it do not write them.
        _where_set("ix_service_order_decided", "decided_at", "id"),
        _where_set("ix_service_order_received", "received_at", "id"),
        _where_set("ix_service_order_finished", "finished_at", "id"),
        Index(
            "ix_service_order_unerased",
            "merchant_id",
            "finished_at",
            "id",
            sqlite_where=text(UNERASED),
            postgresql_where=text(UNERASED),
        ),
        _where_set("ix_service_order_reviewer", "decided_by_id", "applied_at", "id"),
        Index(
            "ix_service_order_decision",
            "merchant_id",
            "decision",
            "applied_at",
            "id",
            sqlite_where=text(RARELY_DECIDED),
            postgresql_where=text(RARELY_DECIDED),
        ),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    application_id: int = big()
    order_number: str = Field(max_length=64)
    customer_ref: str = Field(max_length=64)
    version: int
    customer_version: int
    status: Status = enum(Status)
    last_action: Action | None = enum(Action, check="last_action", default=None)

    expectation: Expectation = enum(Expectation)
    reason_code: str = Field(max_length=64)
    own_reason: Stored | None = json(default=None)
    description: str = long_text()
    pictures: list[Stored] = json(default_factory=list)
    logistics_in: LogisticsIn = enum(LogisticsIn)
    sku: str = Field(max_length=64)
    item_name: str = Field(max_length=200)
    quantity: int
    purchased_quantity: int | None = None
    unit_price: int = big()
    paid_amount: int = big()
    category: str | None = Field(default=None, max_length=64)
    warehouse: str | None = Field(default=None, max_length=64)
    assignee_id: int | None = big(default=None)

    decision: Action | None = enum(Action, check="decision", default=None)
    decided_by_kind: ActorKind | None = enum(ActorKind, default=None)
    decided_by_id: int | None = big(default=None)
    decided_by: str | None = Field(default=None, max_length=64)
    decided_at: datetime | None = None
    review_reason: str | None = Field(default=None, max_length=64)
    own_review_reason: Stored | None = json(default=None)
    review_customer_note: str | None = long_text(default=None)
    review_address: Stored | None = json(default=None)
    review_address_rule: str | None = Field(default=None, max_length=80)
    review_pictures: list[Stored] = json(default_factory=list)
    review_shipment: Stored | None = json(default=None)

    shipped_at: datetime | None = None
    inbound: Stored | None = json(default=None)
    received_at: datetime | None = None
    receipt: Stored | None = json(default=None)
    receipt_pictures: list[Stored] = json(default_factory=list)
    returned_at: datetime | None = None
    processed_at: datetime | None = None
    processing: Stored | None = json(default=None)
    pending_refunds: int = 0
    satisfaction: int | None = None
    satisfaction_comment: str | None = long_text(default=None)
    escalated_at: datetime | None = None
    reopened_at: datetime | None = None
    ruled_at: datetime | None = None
    ruling: Stored | None = json(default=None)
    earlier_freight: int | None = big(default=None)

    clock_started_at: datetime | None = None
    clock_due_at: datetime | None = None
    clock_pauses: list[Stored] = json(default_factory=list)
    review_started_at: datetime
    review_due_at: datetime | None = None
    review_paused_at: datetime | None = None
    review_left_ms: int | None = big(default=None)
    review_pauses: list[Stored] = json(default_factory=list)
    auto_approval_blocked: bool = False

    target_at: datetime | None = None

    applied_at: datetime
    updated_at: datetime
    customer_updated_at: datetime
    finished_at: datetime | None = None
    personal_data_erased_at: datetime | None = None


class ServiceOrderEvent(SQLModel, table=True):
    """An event of an order. Rows are never deleted, and change only where personal data is erased.

    ``customer_sequence`` numbers the events that the customer sees; null for internal ones.
    """

    __tablename__ = "service_order_event"
    __table_args__ = (within_tenant("service_order_id", "service_order"),)

    merchant_id: int = big(primary_key=True)
    service_order_id: int = big(primary_key=True)
    sequence: int = Field(primary_key=True)
    customer_sequence: int | None = None
    kind: EventKind = enum(EventKind)
    at: datetime
    actor_kind: ActorKind = enum(ActorKind)
    actor_id: int = big()
    actor_name: str = Field(max_length=64)
    from_status: Status | None = enum(Status, check="from_status", default=None)
    to_status: Status | None = enum(Status, check="to_status", default=None)
    customer_note: str | None = long_text(default=None)
    internal_note: str | None = long_text(default=None)
    details: Stored | None = json(default=None)


service_orders = table_of(ServiceOrder)
events = table_of(ServiceOrderEvent)
