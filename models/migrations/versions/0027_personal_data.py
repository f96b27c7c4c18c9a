"""The erasure of personal data: when an order's was erased, and pictures that are to be deleted."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.enums import change_enum

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_UNERASED: Final = sa.text("finished_at IS NOT NULL AND personal_data_erased_at IS NULL")
_KINDS_BEFORE: Final = (
    *("SUBMITTED", "APPROVED", "REJECTED", "RESENT", "FEEDBACK_REQUESTED", "GIVEN_UP"),
    *("AUTO_APPROVED", "AUTO_APPROVAL_BLOCKED", "AUTO_APPROVAL_UNBLOCKED", "RESPONDED"),
    *("AMENDED", "FEEDBACK_EXPIRED", "SHIPMENT_EXPIRED", "SHIPPED", "WAYBILL_CORRECTED"),
    *("CANCELLED", "RECEIVED", "CANCELLED_RECEIVED", "CANCELLED_RETURNED", "REFUNDED"),
    *("REFUND_SETTLED", "REFUND_FAILED", "EXCHANGED", "REPAIRED", "SENT_BACK", "SOLVED"),
    *("SHIPMENT_UPDATED", "REPLIED", "CLOSED", "UNDONE", "CONFIRMED", "AUTO_CONFIRMED"),
    *("REPORTED_UNSOLVED", "ESCALATED", "NOTED", "CONTACT_REVEALED", "CLOCK_MOVED"),
    *("ASSIGNED", "CLAIMED", "RELEASED", "REOPENED", "APPROVAL_WITHDRAWN"),
    *("RETURN_ADDRESS_CHANGED", "RULED_RETURN", "RULED_PROCESS", "RULED_CANCELLED"),
    *("RULED_CLOSED", "RULED_UPHELD"),
)
_KINDS: Final = (*_KINDS_BEFORE, "PERSONAL_DATA_ERASED")
_CHECK: Final = "ck_service_order_event_event_kind"


def upgrade() -> None:
    op.add_column(
        "service_order", sa.Column("personal_data_erased_at", UTCDateTime(), nullable=True)
    )
    op.create_index(
        "ix_service_order_unerased",
        "service_order",
        ["merchant_id", "finished_at", "id"],
        sqlite_where=_UNERASED,
        postgresql_where=_UNERASED,
    )
    op.create_table(
        "picture_erasure",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column("queued_at", UTCDateTime(), nullable=False),
        sa.Column("erased_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_picture_erasure_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "sha256", name=op.f("pk_picture_erasure")),
    )
    change_enum("service_order_event", "kind", _KINDS, constraint=_CHECK)


def downgrade() -> None:
    # What is erased stays so. The event stays as an internal one that changes nothing.
    op.execute(
        "UPDATE service_order_event SET kind = 'NOTED', details = NULL"
        " WHERE kind = 'PERSONAL_DATA_ERASED'"
    )
    change_enum("service_order_event", "kind", _KINDS_BEFORE, constraint=_CHECK)
    op.drop_table("picture_erasure")
    op.drop_index("ix_service_order_unerased", "service_order")
    op.drop_column("service_order", "personal_data_erased_at")
