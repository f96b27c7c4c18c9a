"""Rulings of the platform on escalated orders, and the histories of staff and platform accounts."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

from models.migrations.enums import change_enum

revision = "0015"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_ESCALATED: Final = "escalated_at IS NOT NULL AND ruled_at IS NULL"
_COLUMNS: Final = (
    ("ruled_at", UTCDateTime()),
    ("ruling", _JSON),
    ("earlier_freight", sa.BigInteger()),
)
_INDEXES: Final = (
    ("ix_service_order_escalated", ["merchant_id", "escalated_at", "id"]),
    ("ix_service_order_escalated_anywhere", ["escalated_at", "id"]),
)
_ACTIONS_BEFORE: Final = (
    *("APPROVE", "REJECT", "RESEND", "REQUEST_FEEDBACK", "RECORD_GIVE_UP", "AUTO_APPROVE"),
    *("RESPOND", "AMEND", "EXPIRE_FEEDBACK", "EXPIRE_SHIPMENT", "SHIP", "CORRECT_WAYBILL"),
    *("CANCEL", "RECEIVE", "RECEIVE_CANCELLED", "RETURN_CANCELLED", "REFUND", "SETTLE_REFUND"),
    *("FAIL_REFUND", "EXCHANGE", "REPAIR", "SEND_BACK", "SOLVE", "UPDATE_SHIPMENT", "REPLY"),
    *("CLOSE", "UNDO", "CONFIRM", "AUTO_CONFIRM", "REPORT_UNSOLVED", "ESCALATE", "NOTE"),
)
_ACTIONS: Final = (
    *_ACTIONS_BEFORE,
    *("RULE_RETURN", "RULE_PROCESS", "RULE_CANCEL", "RULE_CLOSE", "RULE_UPHOLD"),
)
_KINDS_BEFORE: Final = (
    *("SUBMITTED", "APPROVED", "REJECTED", "RESENT", "FEEDBACK_REQUESTED", "GIVEN_UP"),
    *("AUTO_APPROVED", "AUTO_APPROVAL_BLOCKED", "AUTO_APPROVAL_UNBLOCKED", "RESPONDED"),
    *("AMENDED", "FEEDBACK_EXPIRED", "SHIPMENT_EXPIRED", "SHIPPED", "WAYBILL_CORRECTED"),
    *("CANCELLED", "RECEIVED", "CANCELLED_RECEIVED", "CANCELLED_RETURNED", "REFUNDED"),
    *("REFUND_SETTLED", "REFUND_FAILED", "EXCHANGED", "REPAIRED", "SENT_BACK", "SOLVED"),
    *("SHIPMENT_UPDATED", "REPLIED", "CLOSED", "UNDONE", "CONFIRMED", "AUTO_CONFIRMED"),
    *("REPORTED_UNSOLVED", "ESCALATED", "NOTED", "CONTACT_REVEALED", "CLOCK_MOVED"),
)
_KINDS: Final = (
    *_KINDS_BEFORE,
    *("RULED_RETURN", "RULED_PROCESS", "RULED_CANCELLED", "RULED_CLOSED", "RULED_UPHELD"),
)
_ENUMS: Final = (
    ("service_order", "last_action", "ck_service_order_last_action"),
    ("service_order", "decision", "ck_service_order_decision"),
    ("service_order_event", "kind", "ck_service_order_event_event_kind"),
)


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("service_order", sa.Column(name, kind, nullable=True))
    for name, columns in _INDEXES:
        op.create_index(
            name,
            "service_order",
            columns,
            sqlite_where=sa.text(_ESCALATED),
            postgresql_where=sa.text(_ESCALATED),
        )
    for table, column, constraint in _ENUMS:
        values = _KINDS if column == "kind" else _ACTIONS
        change_enum(table, column, values, constraint=constraint)


def downgrade() -> None:
    for table, column, constraint in _ENUMS:
        values = _KINDS_BEFORE if column == "kind" else _ACTIONS_BEFORE
        change_enum(table, column, values, constraint=constraint)
    for name, _ in _INDEXES:
        op.drop_index(name, "service_order")
    for name, _ in _COLUMNS:
        op.drop_column("service_order", name)
