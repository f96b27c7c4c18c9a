"""Monitoring of service quality: thresholds, alerts, and the cases of each employee by day."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_JSON: Final = sa.JSON(none_as_null=True)
_IS_OPEN: Final = sa.text("recovered_at IS NULL")
_BY_PERSON: Final = sa.text("employee_id IS NOT NULL")
_METRICS: Final = (
    *("ON_TIME_REVIEW", "AUTO_APPROVAL", "REVIEW_HOURS_MEAN", "REVIEW_HOURS_P50"),
    *("REVIEW_HOURS_P90", "ON_TIME_RECEIPT", "ON_TIME_PROCESSING", "HANDLING_HOURS_MEAN"),
    *("HANDLING_HOURS_P50", "HANDLING_HOURS_P90", "APPROVAL", "REJECTION", "CANCELLATION"),
    *("SELF_COMPLETION", "INTERVENTION", "UNSOLVED", "REOPENED", "SATISFACTION", "BAD_REVIEWS"),
    *("HANDLED", "WORK_HOURS_MEAN", "OVERTURNED"),
)


def _id(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "platform_thresholds",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("thresholds", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_thresholds")),
    )
    op.create_table(
        "quality_watch",
        _id("merchant_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("thresholds", _JSON, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _id("turn"),
        _id("position"),
        sa.Column("compared_version", sa.Integer(), nullable=False),
        sa.Column("platform_version", sa.Integer(), nullable=False),
        sa.Column("compared_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_quality_watch_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_quality_watch")),
    )
    op.create_table(
        "quality_alert",
        _id("merchant_id"),
        _id("id"),
        sa.Column("key", AutoString(length=96), nullable=False),
        sa.Column("set_by", _enum("set_by", "PLATFORM", "MERCHANT"), nullable=False),
        sa.Column("metric", _enum("metric", *_METRICS), nullable=False),
        sa.Column("threshold", _JSON, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("recovered_at", UTCDateTime(), nullable=True),
        sa.Column("recovered_value", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_quality_alert_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_quality_alert")),
    )
    for name, columns, is_unique in (
        ("uq_quality_alert_open", ["merchant_id", "key"], True),
        ("ix_quality_alert_open", ["merchant_id", "id"], False),
        ("ix_quality_alert_open_anywhere", ["id"], False),
    ):
        op.create_index(
            name,
            "quality_alert",
            columns,
            unique=is_unique,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        )
    op.create_index("ix_quality_alert_anywhere", "quality_alert", ["id"])
    op.create_table(
        "quality_alert_event",
        _id("merchant_id"),
        _id("position"),
        _id("alert_id"),
        sa.Column("change", _enum("alert_change", "RAISED", "RECOVERED"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "alert_id"],
            ["quality_alert.merchant_id", "quality_alert.id"],
            name=op.f("fk_quality_alert_event_merchant_id_alert_id_quality_alert"),
        ),
        sa.PrimaryKeyConstraint("merchant_id", "position", name=op.f("pk_quality_alert_event")),
    )
    op.create_index("ix_quality_alert_event_position", "quality_alert_event", ["position"])
    op.create_index(
        "ix_quality_case_employee",
        "quality_case",
        ["merchant_id", "employee_id", "day", "at", "service_order_id", "sequence", "kind"],
        sqlite_where=_BY_PERSON,
        postgresql_where=_BY_PERSON,
    )


def downgrade() -> None:
    op.drop_index("ix_quality_case_employee", "quality_case")
    op.drop_table("quality_alert_event")
    op.drop_table("quality_alert")
    op.drop_table("quality_watch")
    op.drop_table("platform_thresholds")
