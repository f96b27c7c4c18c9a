"""Webhooks: the endpoints of merchants, and the deliveries to them."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_HAS_WORK = sa.text("due_at IS NOT NULL AND disabled_at IS NULL")
_FOLLOWS = sa.text("disabled_at IS NULL")
_PENDING = sa.text("status = 'PENDING'")


def _id(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        _id("merchant_id"),
        _id("id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("url", AutoString(length=2000), nullable=False),
        sa.Column("description", AutoString(length=200), nullable=True),
        sa.Column("kinds", _JSON, nullable=True),
        sa.Column("selection", sa.Text(), nullable=True),
        sa.Column("scopes", _JSON, nullable=False),
        _id("owner_id"),
        sa.Column("owner", AutoString(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("overlap_until", UTCDateTime(), nullable=True),
        _id("position"),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.Column(
            "disabled_reason",
            _enum("disabled_reason", "BY_HAND", "FAILING", "GONE"),
            nullable=True,
        ),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "owner_id"],
            ["employee.merchant_id", "employee.id"],
            name=op.f("fk_webhook_endpoint_merchant_id_owner_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_webhook_endpoint_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index(
        "ix_webhook_endpoint_due",
        "webhook_endpoint",
        ["due_at"],
        sqlite_where=_HAS_WORK,
        postgresql_where=_HAS_WORK,
    )
    op.create_index(
        "ix_webhook_endpoint_following",
        "webhook_endpoint",
        ["merchant_id", "position"],
        sqlite_where=_FOLLOWS,
        postgresql_where=_FOLLOWS,
    )
    op.create_table(
        "webhook_delivery",
        _id("merchant_id"),
        _id("endpoint_id"),
        _id("id"),
        sa.Column("type", AutoString(length=64), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("details", _JSON, nullable=True),
        sa.Column(
            "status", _enum("delivery_status", "PENDING", "DELIVERED", "FAILED"), nullable=False
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UTCDateTime(), nullable=True),
        sa.Column("first_attempt_at", UTCDateTime(), nullable=True),
        sa.Column("last_attempt_at", UTCDateTime(), nullable=True),
        sa.Column("answer_status", sa.Integer(), nullable=True),
        sa.Column(
            "failure",
            _enum(
                "delivery_failure",
                "DNS",
                "ADDRESS_REFUSED",
                "CONNECT",
                "TLS",
                "TIMEOUT",
                "TOO_LARGE",
                "PROTOCOL",
                "REDIRECT",
            ),
            nullable=True,
        ),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "endpoint_id"],
            ["webhook_endpoint.merchant_id", "webhook_endpoint.id"],
            name=op.f("fk_webhook_delivery_merchant_id_endpoint_id_webhook_endpoint"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "service_order_id"],
            ["service_order.merchant_id", "service_order.id"],
            name=op.f("fk_webhook_delivery_merchant_id_service_order_id_service_order"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "endpoint_id", "id", name=op.f("pk_webhook_delivery")
        ),
    )
    op.create_index(
        "ix_webhook_delivery_status",
        "webhook_delivery",
        ["merchant_id", "endpoint_id", "status", "id"],
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["merchant_id", "endpoint_id", "next_attempt_at", "id"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    op.create_index(
        "ix_webhook_delivery_order",
        "webhook_delivery",
        ["merchant_id", "endpoint_id", "service_order_id", "sequence"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_endpoint")
