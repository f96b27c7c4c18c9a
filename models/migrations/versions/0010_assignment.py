"""Assigning and claiming orders: new actions and events, and the index of each person's work."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from models.migrations.enums import change_enum

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN: Final = sa.text("finished_at IS NULL")
_ACTIONS_BEFORE: Final = (
    *("APPROVE", "REJECT", "RESEND", "REQUEST_FEEDBACK", "RECORD_GIVE_UP", "AUTO_APPROVE"),
    *("RESPOND", "AMEND", "EXPIRE_FEEDBACK", "EXPIRE_SHIPMENT", "SHIP", "CORRECT_WAYBILL"),
    *("CANCEL", "RECEIVE", "RECEIVE_CANCELLED", "RETURN_CANCELLED", "REFUND", "SETTLE_REFUND"),
    *("FAIL_REFUND", "EXCHANGE", "REPAIR", "SEND_BACK", "SOLVE", "UPDATE_SHIPMENT", "REPLY"),
    *("CLOSE", "UNDO", "CONFIRM", "AUTO_CONFIRM", "REPORT_UNSOLVED", "ESCALATE", "NOTE"),
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
_ENUMS: Final = (
    (
        "service_order",
        "last_action",
        "ck_service_order_last_action",
        _ACTIONS_BEFORE,
        ("ASSIGN", "CLAIM", "RELEASE"),
    ),
    (
        "service_order",
        "decision",
        "ck_service_order_decision",
        _ACTIONS_BEFORE,
        ("ASSIGN", "CLAIM", "RELEASE"),
    ),
    (
        "service_order_event",
        "kind",
        "ck_service_order_event_event_kind",
        _KINDS_BEFORE,
        ("ASSIGNED", "CLAIMED", "RELEASED"),
    ),
)


def upgrade() -> None:
    op.create_index(
        "ix_service_order_work",
        "service_order",
        ["merchant_id", "assignee_id", "status", "clock_due_at", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    for table, column, constraint, before, added in _ENUMS:
        change_enum(table, column, (*before, *added), constraint=constraint)


def downgrade() -> None:
    # The log cannot do without an event: the versions of an order count them.
    op.execute(
        "UPDATE service_order_event SET kind = 'NOTED', internal_note = kind"
        " WHERE kind IN ('ASSIGNED', 'CLAIMED', 'RELEASED')"
    )
    for table, column, constraint, before, _ in _ENUMS:
        change_enum(table, column, before, constraint=constraint)
    op.drop_index("ix_service_order_work", "service_order")
