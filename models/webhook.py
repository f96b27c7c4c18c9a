"""The tables of webhook endpoints and of the deliveries to them."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from domain.outgoing import MAX_URL, DeliveryFailure
from domain.webhooks import DeliveryStatus, DisabledReason
from models.columns import Stored, big, enum, json, long_text
from models.tables import table_of, within_tenant

HAS_WORK: Final = "due_at IS NOT NULL AND disabled_at IS NULL"
"""The condition for rows of endpoints to which something is to be sent."""

FOLLOWS: Final = "disabled_at IS NULL"
"""The condition for rows of endpoints that follow the feed."""

PENDING: Final = f"status = '{DeliveryStatus.PENDING}'"
"""The condition for rows of deliveries that are not finished."""


class WebhookEndpoint(SQLModel, table=True):
    """An address to which a merchant's events are sent.

    ``kinds`` are the kinds of events that are sent; None: all. ``selection`` is a GraphQL document;
    None: messages are thin. ``generation`` numbers the secrets, which are derived and not stored;
    the former one signs too until ``overlap_until``. ``position`` is the place in the merchant's
    feed up to which there are deliveries.

    ``due_at`` is when the next delivery is to be sent; None: there is none. A worker that sends
    holds the row until ``leased_until``; ``lease`` counts the workers that did. ``failures`` and
    ``failing_since`` count from the last success. A deleted row, which has ``deleted_at``, is also
    disabled, and goes when its deliveries are gone.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        within_tenant("owner_id", "employee"),
        Index(
            "ix_webhook_endpoint_due",
            "due_at",
            sqlite_where=text(HAS_WORK),
            postgresql_where=text(HAS_WORK),
        ),
        Index(
            "ix_webhook_endpoint_following",
            "merchant_id",
            "position",
            sqlite_where=text(FOLLOWS),
            postgresql_where=text(FOLLOWS),
        ),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    version: int = 1
    url: str = Field(max_length=MAX_URL)
    description: str | None = Field(default=None, max_length=200)
    kinds: list[str] | None = json(default=None)
    selection: str | None = long_text(default=None)
    scopes: list[str] = json(default_factory=list)
    owner_id: int = big()
    owner: str = Field(max_length=64)
    generation: int = 1
    overlap_until: datetime | None = None
    position: int = big()
    due_at: datetime | None = None
    leased_until: datetime | None = None
    lease: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = enum(DisabledReason, default=None)
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


class WebhookDelivery(SQLModel, table=True):
    """A message to an endpoint, and the last attempt to send it.

    ``position`` is that of the event in the merchant's feed. Messages that tell of no event have
    no order; ``details`` is their data.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        within_tenant("endpoint_id", "webhook_endpoint"),
        within_tenant("service_order_id", "service_order"),
        Index("ix_webhook_delivery_status", "merchant_id", "endpoint_id", "status", "id"),
        Index(
            "ix_webhook_delivery_due",
            "merchant_id",
            "endpoint_id",
            "next_attempt_at",
            "id",
            sqlite_where=text(PENDING),
            postgresql_where=text(PENDING),
        ),
        Index(
            "ix_webhook_delivery_order",
            "merchant_id",
            "endpoint_id",
            "service_order_id",
            "sequence",
            sqlite_where=text(PENDING),
            postgresql_where=text(PENDING),
        ),
    )

    merchant_id: int = big(primary_key=True)
    endpoint_id: int = big(primary_key=True)
    id: int = big(primary_key=True)
    type: str = Field(max_length=64)
    occurred_at: datetime
    service_order_id: int | None = big(default=None)
    sequence: int | None = None
    position: int | None = big(default=None)
    details: Stored | None = json(default=None)
    status: DeliveryStatus = enum(DeliveryStatus)
    attempts: int = 0
    next_attempt_at: datetime | None = None
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    answer_status: int | None = None
    failure: DeliveryFailure | None = enum(DeliveryFailure, default=None)
    duration_ms: int | None = None
    answer: str | None = long_text(default=None)
    created_at: datetime
    finished_at: datetime | None = None


webhook_endpoints = table_of(WebhookEndpoint)
webhook_deliveries = table_of(WebhookDelivery)

Row = sa.Row[Any]
"""A row of one of the tables. Any: the row's columns."""
