"""Rulings of the platform on escalated orders, and the histories of staff and platform accounts."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.enums import change_enum

revision = "0015"
down_revision = "0014"
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
    *("ASSIGN", "CLAIM", "RELEASE", "REOPEN", "WITHDRAW_APPROVAL", "CHANGE_RETURN_ADDRESS"),
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
    *(
        "ASSIGNED",
        "CLAIMED",
        "RELEASED",
        "REOPENED",
        "APPROVAL_WITHDRAWN",
        "RETURN_ADDRESS_CHANGED",
    ),
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
    _create_staff_event()
    _create_platform_account_event()
    where = "kind = 'PLATFORM'"
    op.create_index(
        "ix_account_platform",
        "account",
        ["id"],
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
    _grant_management()


def downgrade() -> None:
    _withdraw_management()
    op.drop_index("ix_account_platform", "account")
    op.drop_table("platform_account_event")
    op.drop_table("staff_event")
    for table, column, constraint in _ENUMS:
        values = _KINDS_BEFORE if column == "kind" else _ACTIONS_BEFORE
        change_enum(table, column, values, constraint=constraint)
    for name, _ in _INDEXES:
        op.drop_index(name, "service_order")
    for name, _ in _COLUMNS:
        op.drop_column("service_order", name)


_ACTORS: Final = (
    *("PLATFORM", "MAIN_ACCOUNT", "EMPLOYEE"),
    *("CONNECTOR", "CUSTOMER", "SYSTEM"),
)
_STAFF_KINDS: Final = (
    *("EMPLOYEE_CREATED", "EMPLOYEE_CHANGED", "EMPLOYEE_DISABLED", "EMPLOYEE_ENABLED"),
    *("ROLE_CREATED", "ROLE_CHANGED", "ROLE_DELETED"),
)
_ACCOUNT_KINDS: Final = (
    *("ACCOUNT_CREATED", "ACCOUNT_CHANGED", "ACCOUNT_DISABLED", "PASSWORD_RESET"),
)


def _create_staff_event() -> None:
    op.create_table(
        "staff_event",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", _enum("staff_event_kind", _STAFF_KINDS), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor_kind", _enum("actor_kind", _ACTORS), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", AutoString(length=64), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", AutoString(length=64), nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_staff_event_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "employee_id"],
            ["employee.merchant_id", "employee.id"],
            name=op.f("fk_staff_event_merchant_id_employee_id_employee"),
        ),
        sa.PrimaryKeyConstraint("merchant_id", "sequence", name=op.f("pk_staff_event")),
    )
    for name in ("employee", "role"):
        op.create_index(
            f"ix_staff_event_{name}", "staff_event", ["merchant_id", f"{name}_id", "sequence"]
        )


def _create_platform_account_event() -> None:
    op.create_table(
        "platform_account_event",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", _enum("platform_account_event_kind", _ACCOUNT_KINDS), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor_kind", _enum("actor_kind", _ACTORS), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", AutoString(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", AutoString(length=64), nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_platform_account_event_account_id_account"),
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_platform_account_event")),
    )
    op.create_index(
        "ix_platform_account_event_account", "platform_account_event", ["account_id", "sequence"]
    )


_MANAGE: Final = "PLATFORM_ACCOUNT_MANAGE"
_EVERYTHING: Final = frozenset(
    {"ENROLMENT_REVIEW", "INTERVENE", "CALENDAR_MANAGE", "MERCHANT_READ"}
)


def _grant_management() -> None:
    """Let the accounts that could do everything manage the accounts: there must be one."""
    for id_, permissions in _accounts():
        if set(permissions) >= _EVERYTHING:
            _store(id_, sorted({*permissions, _MANAGE}))


def _withdraw_management() -> None:
    """Earlier versions cannot read the permission."""
    for id_, permissions in _accounts():
        if _MANAGE in permissions:
            _store(id_, sorted({*permissions} - {_MANAGE}))


_ACCOUNT: Final = sa.table(
    "account",
    sa.column("id", sa.BigInteger()),
    sa.column("kind", sa.String()),
    sa.column("permissions", _JSON),
)


def _accounts() -> Sequence[tuple[int, list[str]]]:
    rows = op.get_bind().execute(
        sa.select(_ACCOUNT.c.id, _ACCOUNT.c.permissions).where(_ACCOUNT.c.kind == "PLATFORM")
    )
    return [(row.id, row.permissions) for row in rows]


def _store(id_: int, permissions: list[str]) -> None:
    op.get_bind().execute(
        sa.update(_ACCOUNT).where(_ACCOUNT.c.id == id_).values(permissions=permissions)
    )


def _enum(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
