"""Applications, evidence, service orders and their events."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.initial.enums import (
    ACTIONS,
    ACTOR_KINDS,
    EVENT_KINDS,
    EXPECTATIONS,
    LOGISTICS,
    STATUSES,
    checked,
)


def create() -> None:
    op.create_table(
        "application",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("connector_id", sa.BigInteger(), nullable=False),
        sa.Column("external_ref", AutoString(length=64), nullable=False),
        sa.Column("content_hash", AutoString(length=64), nullable=False),
        sa.Column("order_number", AutoString(length=64), nullable=False),
        sa.Column("customer_ref", AutoString(length=64), nullable=False),
        sa.Column("customer_name", AutoString(length=64), nullable=False),
        sa.Column("customer_phone", AutoString(length=32), nullable=False),
        sa.Column("pickup_address", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_application_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_application")),
        sa.UniqueConstraint(
            "merchant_id",
            "connector_id",
            "external_ref",
            name=op.f("uq_application_merchant_id_connector_id_external_ref"),
        ),
    )
    op.create_table(
        "evidence",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column("media_type", AutoString(length=16), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_kind", checked(ACTOR_KINDS, name="actor_kind"), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_evidence_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "sha256", name=op.f("pk_evidence")),
    )
    op.create_table(
        "service_order",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("order_number", AutoString(length=64), nullable=False),
        sa.Column("customer_ref", AutoString(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", checked(STATUSES, name="status"), nullable=False),
        sa.Column("last_action", checked(ACTIONS, name="last_action"), nullable=True),
        sa.Column("expectation", checked(EXPECTATIONS, name="expectation"), nullable=False),
        sa.Column("reason_code", AutoString(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("pictures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("logistics_in", checked(LOGISTICS, name="logistics_in"), nullable=False),
        sa.Column("sku", AutoString(length=64), nullable=False),
        sa.Column("item_name", AutoString(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("decision", checked(ACTIONS, name="decision"), nullable=True),
        sa.Column("decided_by_kind", checked(ACTOR_KINDS, name="actor_kind"), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", AutoString(length=64), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("review_reason", AutoString(length=64), nullable=True),
        sa.Column("review_customer_note", sa.Text(), nullable=True),
        sa.Column("review_address", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("review_pictures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("review_shipment", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("clock_started_at", UTCDateTime(), nullable=True),
        sa.Column("clock_due_at", UTCDateTime(), nullable=True),
        sa.Column("review_started_at", UTCDateTime(), nullable=False),
        sa.Column("review_due_at", UTCDateTime(), nullable=True),
        sa.Column("review_paused_at", UTCDateTime(), nullable=True),
        sa.Column("review_left_ms", sa.BigInteger(), nullable=True),
        sa.Column("review_pauses", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("auto_approval_blocked", sa.Boolean(), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "application_id"],
            ["application.merchant_id", "application.id"],
            name=op.f("fk_service_order_merchant_id_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "assignee_id"],
            ["employee.merchant_id", "employee.id"],
            name=op.f("fk_service_order_merchant_id_assignee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_service_order_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_service_order")),
    )
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_service_order_application", ["merchant_id", "application_id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_applied", ["merchant_id", "applied_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_assignee", ["merchant_id", "assignee_id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_customer", ["merchant_id", "customer_ref"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_due", ["merchant_id", "clock_due_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_purchase", ["merchant_id", "order_number"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_queue", ["merchant_id", "status", "applied_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_service_order_review_due",
            ["review_due_at"],
            unique=False,
            sqlite_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
            postgresql_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
        )
        batch_op.create_index("ix_service_order_sku", ["merchant_id", "sku"], unique=False)
        batch_op.create_index(
            "ix_service_order_updated", ["merchant_id", "updated_at", "id"], unique=False
        )
    op.create_table(
        "service_order_event",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", checked(EVENT_KINDS, name="event_kind"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor_kind", checked(ACTOR_KINDS, name="actor_kind"), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", AutoString(length=64), nullable=False),
        sa.Column("from_status", checked(STATUSES, name="from_status"), nullable=True),
        sa.Column("to_status", checked(STATUSES, name="to_status"), nullable=True),
        sa.Column("customer_note", sa.Text(), nullable=True),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "service_order_id"],
            ["service_order.merchant_id", "service_order.id"],
            name=op.f("fk_service_order_event_merchant_id_service_order_id_service_order"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "service_order_id", "sequence", name=op.f("pk_service_order_event")
        ),
    )


def drop() -> None:
    op.drop_table("service_order_event")
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.drop_index("ix_service_order_updated")
        batch_op.drop_index("ix_service_order_sku")
        batch_op.drop_index(
            "ix_service_order_review_due",
            sqlite_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
            postgresql_where=sa.text("status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"),
        )
        batch_op.drop_index("ix_service_order_queue")
        batch_op.drop_index("ix_service_order_purchase")
        batch_op.drop_index("ix_service_order_due")
        batch_op.drop_index("ix_service_order_customer")
        batch_op.drop_index("ix_service_order_assignee")
        batch_op.drop_index("ix_service_order_applied")
        batch_op.drop_index("ix_service_order_application")
    op.drop_table("service_order")
    op.drop_table("evidence")
    op.drop_table("application")
