"""Decisions that are taken back, and return addresses by rules."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.enums import change_enum

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_COLUMNS: Final = (
    ("reopened_at", UTCDateTime()),
    ("category", AutoString(length=64)),
    ("warehouse", AutoString(length=64)),
    ("review_address_rule", AutoString(length=80)),
)
_ACTIONS_BEFORE: Final = (
    *("APPROVE", "REJECT", "RESEND", "REQUEST_FEEDBACK", "RECORD_GIVE_UP", "AUTO_APPROVE"),
    *("RESPOND", "EXPIRE_FEEDBACK", "EXPIRE_SHIPMENT", "SHIP", "CANCEL", "RECEIVE", "REFUND"),
    *("EXCHANGE", "REPAIR", "SEND_BACK", "CLOSE", "UNDO", "CONFIRM", "AUTO_CONFIRM"),
    *("REPORT_UNSOLVED", "ESCALATE", "NOTE"),
    *("AMEND", "CORRECT_WAYBILL", "RECEIVE_CANCELLED", "RETURN_CANCELLED", "SETTLE_REFUND"),
    *("FAIL_REFUND", "SOLVE", "UPDATE_SHIPMENT", "REPLY"),
    *("ASSIGN", "CLAIM", "RELEASE"),
)
_ACTIONS: Final = (*_ACTIONS_BEFORE, "REOPEN", "WITHDRAW_APPROVAL", "CHANGE_RETURN_ADDRESS")
_KINDS_BEFORE: Final = (
    *("SUBMITTED", "APPROVED", "REJECTED", "RESENT", "FEEDBACK_REQUESTED", "GIVEN_UP"),
    *("AUTO_APPROVED", "AUTO_APPROVAL_BLOCKED", "AUTO_APPROVAL_UNBLOCKED", "RESPONDED"),
    *("FEEDBACK_EXPIRED", "SHIPMENT_EXPIRED", "SHIPPED", "CANCELLED", "RECEIVED", "REFUNDED"),
    *("EXCHANGED", "REPAIRED", "SENT_BACK", "CLOSED", "UNDONE", "CONFIRMED", "AUTO_CONFIRMED"),
    *("REPORTED_UNSOLVED", "ESCALATED", "NOTED", "CONTACT_REVEALED", "CLOCK_MOVED"),
    *("AMENDED", "WAYBILL_CORRECTED", "CANCELLED_RECEIVED", "CANCELLED_RETURNED"),
    *("REFUND_SETTLED", "REFUND_FAILED", "SOLVED", "SHIPMENT_UPDATED", "REPLIED"),
    *("ASSIGNED", "CLAIMED", "RELEASED"),
)
_KINDS: Final = (*_KINDS_BEFORE, "REOPENED", "APPROVAL_WITHDRAWN", "RETURN_ADDRESS_CHANGED")
_ENUMS: Final = (
    ("service_order", "last_action", "ck_service_order_last_action"),
    ("service_order", "decision", "ck_service_order_decision"),
    ("service_order_event", "kind", "ck_service_order_event_event_kind"),
)


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("service_order", sa.Column(name, kind, nullable=True))
    op.add_column("merchant", sa.Column("address_rules", _JSON, nullable=True))
    op.create_table(
        "return_address_rule",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *("SKU_PREFIX", "CATEGORY", "WAREHOUSE"),
                name="rule_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", AutoString(length=64), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"],
            ["merchant.id"],
            name=op.f("fk_return_address_rule_merchant_id_merchant"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "address_id"],
            ["return_address.merchant_id", "return_address.id"],
            name=op.f("fk_return_address_rule_merchant_id_address_id_return_address"),
        ),
        sa.PrimaryKeyConstraint("merchant_id", "position", name=op.f("pk_return_address_rule")),
    )
    for table, column, constraint in _ENUMS:
        values = _KINDS if column == "kind" else _ACTIONS
        change_enum(table, column, values, constraint=constraint)


def downgrade() -> None:
    for table, column, constraint in _ENUMS:
        values = _KINDS_BEFORE if column == "kind" else _ACTIONS_BEFORE
        change_enum(table, column, values, constraint=constraint)
    op.drop_table("return_address_rule")
    op.drop_column("merchant", "address_rules")
    for name, _ in _COLUMNS:
        op.drop_column("service_order", name)
