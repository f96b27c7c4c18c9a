"""The whole lifecycle: receipt, processing, refunds, timers, and the customer's own numbering.

Orders from before keep what they were sent with and what was found in the parcel in the details of
their events; ``inbound`` and ``receipt`` stay empty for them.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.enums import change_enum

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_WATCHED_BEFORE: Final = "status = 'PENDING_REVIEW' AND NOT auto_approval_blocked"
_WATCHED: Final = (
    "status IN ('PENDING_REVIEW', 'AWAITING_FEEDBACK', 'AWAITING_SHIPMENT',"
    " 'AWAITING_CONFIRMATION') AND NOT auto_approval_blocked AND pending_refunds = 0"
)
_OPTIONAL: Final = (
    ("shipped_at", UTCDateTime()),
    ("inbound", _JSON),
    ("received_at", UTCDateTime()),
    ("receipt", _JSON),
    ("returned_at", UTCDateTime()),
    ("processed_at", UTCDateTime()),
    ("processing", _JSON),
    ("satisfaction", sa.Integer()),
    ("satisfaction_comment", sa.Text()),
    ("escalated_at", UTCDateTime()),
)
_DEMANDED: Final = (
    # SQLite adds a column that must not be null only with a default.
    ("customer_version", sa.Integer(), "0"),
    ("pending_refunds", sa.Integer(), "0"),
    ("receipt_pictures", _JSON, "'[]'"),
    ("clock_pauses", _JSON, "'[]'"),
    ("customer_updated_at", UTCDateTime(), "'1970-01-01 00:00:00+00:00'"),
)
_ACTIONS_BEFORE: Final = (
    *("APPROVE", "REJECT", "RESEND", "REQUEST_FEEDBACK", "RECORD_GIVE_UP", "AUTO_APPROVE"),
    *("RESPOND", "EXPIRE_FEEDBACK", "EXPIRE_SHIPMENT", "SHIP", "CANCEL", "RECEIVE", "REFUND"),
    *("EXCHANGE", "REPAIR", "SEND_BACK", "CLOSE", "UNDO", "CONFIRM", "AUTO_CONFIRM"),
    *("REPORT_UNSOLVED", "ESCALATE", "NOTE"),
)
_ACTIONS: Final = (
    *_ACTIONS_BEFORE,
    *("AMEND", "CORRECT_WAYBILL", "RECEIVE_CANCELLED", "RETURN_CANCELLED", "SETTLE_REFUND"),
    *("FAIL_REFUND", "SOLVE", "UPDATE_SHIPMENT", "REPLY"),
)
_KINDS_BEFORE: Final = (
    *("SUBMITTED", "APPROVED", "REJECTED", "RESENT", "FEEDBACK_REQUESTED", "GIVEN_UP"),
    *("AUTO_APPROVED", "AUTO_APPROVAL_BLOCKED", "AUTO_APPROVAL_UNBLOCKED", "RESPONDED"),
    *("FEEDBACK_EXPIRED", "SHIPMENT_EXPIRED", "SHIPPED", "CANCELLED", "RECEIVED", "REFUNDED"),
    *("EXCHANGED", "REPAIRED", "SENT_BACK", "CLOSED", "UNDONE", "CONFIRMED", "AUTO_CONFIRMED"),
    *("REPORTED_UNSOLVED", "ESCALATED", "NOTED", "CONTACT_REVEALED", "CLOCK_MOVED"),
)
_KINDS: Final = (
    *_KINDS_BEFORE,
    *("AMENDED", "WAYBILL_CORRECTED", "CANCELLED_RECEIVED", "CANCELLED_RETURNED"),
    *("REFUND_SETTLED", "REFUND_FAILED", "SOLVED", "SHIPMENT_UPDATED", "REPLIED"),
)
_ENUMS: Final = (
    ("service_order", "last_action", "ck_service_order_last_action"),
    ("service_order", "decision", "ck_service_order_decision"),
    ("service_order_event", "kind", "ck_service_order_event_event_kind"),
)

_NUMBER_EVENTS: Final = """
UPDATE service_order_event SET customer_sequence = numbered.number
FROM (
    SELECT merchant_id, service_order_id, sequence, row_number() OVER (
        PARTITION BY merchant_id, service_order_id ORDER BY sequence
    ) AS number
    FROM service_order_event WHERE kind NOT IN (
        'NOTED', 'CONTACT_REVEALED', 'AUTO_APPROVAL_BLOCKED', 'AUTO_APPROVAL_UNBLOCKED'
    )
) AS numbered
WHERE numbered.merchant_id = service_order_event.merchant_id
    AND numbered.service_order_id = service_order_event.service_order_id
    AND numbered.sequence = service_order_event.sequence
"""
_COUNT_EVENTS: Final = """
UPDATE service_order SET
    customer_version = counted.number, customer_updated_at = counted.latest_at,
    shipped_at = counted.shipped_at, received_at = counted.received_at
FROM (
    SELECT merchant_id, service_order_id, max(customer_sequence) AS number,
        max(CASE WHEN customer_sequence IS NOT NULL THEN at END) AS latest_at,
        max(CASE WHEN kind = 'SHIPPED' THEN at END) AS shipped_at,
        max(CASE WHEN kind = 'RECEIVED' THEN at END) AS received_at
    FROM service_order_event GROUP BY merchant_id, service_order_id
) AS counted
WHERE counted.merchant_id = service_order.merchant_id
    AND counted.service_order_id = service_order.id
"""


def upgrade() -> None:
    op.drop_index("ix_service_order_review_due", "service_order")
    for name, kind in _OPTIONAL:
        op.add_column("service_order", sa.Column(name, kind, nullable=True))
    for name, kind, default in _DEMANDED:
        added = sa.Column(name, kind, nullable=False, server_default=sa.text(default))
        op.add_column("service_order", added)
    op.add_column("service_order_event", sa.Column("customer_sequence", sa.Integer()))
    op.execute(_NUMBER_EVENTS)
    op.execute(_COUNT_EVENTS)
    _find_pauses()
    if op.get_bind().dialect.name == "postgresql":
        for name, _, _ in _DEMANDED:
            op.alter_column("service_order", name, server_default=None)
    for table, column, constraint in _ENUMS:
        values = _KINDS if column == "kind" else _ACTIONS
        change_enum(table, column, values, constraint=constraint)
    _index("ix_service_order_timers", "clock_due_at", _WATCHED)

    op.add_column("pause_window", sa.Column("withdrawn_by", AutoString(length=64)))
    op.add_column("pause_window", sa.Column("withdrawn_at", UTCDateTime()))
    for table in ("role", "employee"):
        op.add_column(table, sa.Column("refund_ceiling", sa.BigInteger()))
    _create_refund()


def downgrade() -> None:
    op.drop_table("refund")
    for table in ("role", "employee"):
        op.drop_column(table, "refund_ceiling")
    op.drop_column("pause_window", "withdrawn_at")
    op.drop_column("pause_window", "withdrawn_by")

    op.drop_index("ix_service_order_timers", "service_order")
    for table, column, constraint in _ENUMS:
        values = _KINDS_BEFORE if column == "kind" else _ACTIONS_BEFORE
        change_enum(table, column, values, constraint=constraint)
    op.drop_column("service_order_event", "customer_sequence")
    for name in [*(name for name, _, _ in _DEMANDED), *(name for name, _ in _OPTIONAL)]:
        op.drop_column("service_order", name)
    _index("ix_service_order_review_due", "review_due_at", _WATCHED_BEFORE)


def _find_pauses() -> None:
    """Fill ``clock_pauses`` of the running clocks, from the calendar that moved them."""
    op.execute(
        "UPDATE service_order SET clock_pauses = review_pauses WHERE status = 'PENDING_REVIEW'"
    )
    order = sa.table(
        "service_order",
        sa.column("merchant_id", sa.BigInteger()),
        sa.column("id", sa.BigInteger()),
        sa.column("status", sa.String()),
        sa.column("clock_started_at", UTCDateTime()),
        sa.column("clock_due_at", UTCDateTime()),
        sa.column("clock_pauses", _JSON),
    )
    window = sa.table(
        "pause_window", sa.column("start_at", UTCDateTime()), sa.column("end_at", UTCDateTime())
    )
    rows = op.get_bind().execute(
        sa.select(order.c.merchant_id, order.c.id, order.c.clock_started_at, window)
        .where(
            order.c.status != "PENDING_REVIEW",
            window.c.end_at > order.c.clock_started_at,
            window.c.start_at < order.c.clock_due_at,
        )
        .order_by(window.c.start_at)
    )
    pauses: dict[tuple[int, int], list[dict[str, str]]] = {}
    for merchant_id, id_, started_at, start_at, end_at in rows:
        pause = {"from": max(started_at, start_at).isoformat(), "to": end_at.isoformat()}
        pauses.setdefault((merchant_id, id_), []).append(pause)
    if pauses:
        op.get_bind().execute(
            sa.update(order)
            .where(order.c.merchant_id == sa.bindparam("m"), order.c.id == sa.bindparam("i"))
            .values(clock_pauses=sa.bindparam("p")),
            [{"m": m, "i": i, "p": hit} for (m, i), hit in pauses.items()],
        )


def _index(name: str, column: str, condition: str) -> None:
    op.create_index(
        name,
        "service_order",
        [column],
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def _create_refund() -> None:
    op.create_table(
        "refund",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_number", AutoString(length=64), nullable=False),
        sa.Column("sku", AutoString(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            _enum("refund_method", "ORIGINAL_PAYMENT", "BALANCE", "OFFLINE"),
            nullable=False,
        ),
        sa.Column(
            "status", _enum("refund_status", "SUBMITTED", "SUCCEEDED", "FAILED"), nullable=False
        ),
        sa.Column("submitted_by", AutoString(length=64), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=True),
        sa.Column("payment_ref", AutoString(length=64), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "service_order_id"],
            ["service_order.merchant_id", "service_order.id"],
            name=op.f("fk_refund_merchant_id_service_order_id_service_order"),
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_refund")),
    )
    op.create_index("ix_refund_service_order", "refund", ["merchant_id", "service_order_id", "id"])
    op.create_index("ix_refund_line", "refund", ["merchant_id", "order_number", "sku"])


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
