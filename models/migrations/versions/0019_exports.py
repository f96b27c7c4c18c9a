"""Exports of service orders."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_STATUSES: Final = ("QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED", "EXPIRED")
_FORMATS: Final = ("CSV", "XLSX", "NDJSON")
_LANGUAGES: Final = ("zh-CN", "en")
_ERRORS: Final = ("PERMISSION_WITHDRAWN", "TOO_MANY_ROWS", "INTERRUPTED", "INTERNAL")
_ACTORS: Final = (
    *("PLATFORM", "MAIN_ACCOUNT", "EMPLOYEE"),
    *("CONNECTOR", "CUSTOMER", "SYSTEM"),
)
_UNFINISHED: Final = "status IN ('QUEUED', 'RUNNING')"
_INDEXES: Final = (
    ("ix_export_lease", "lease_until", _UNFINISHED),
    ("ix_export_unfinished", "merchant_id", _UNFINISHED),
    ("ix_export_clean", "clean_at", "clean_at IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", _enum("export_status", _STATUSES), nullable=False),
        sa.Column("format", _enum("export_format", _FORMATS), nullable=False),
        sa.Column("language", _enum("language", _LANGUAGES), nullable=False),
        sa.Column("chosen_columns", _JSON, nullable=False),
        sa.Column("order_filter", _JSON, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("rows_written", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("error", _enum("export_error", _ERRORS), nullable=True),
        sa.Column("reveals", sa.Boolean(), nullable=False),
        sa.Column("requested_by_kind", _enum("actor_kind", _ACTORS), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=False),
        sa.Column("requested_by", AutoString(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("clean_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_export_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "requested_by_id"],
            ["employee.merchant_id", "employee.id"],
            name=op.f("fk_export_merchant_id_requested_by_id_employee"),
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_export")),
    )
    for name, column, condition in _INDEXES:
        op.create_index(
            name,
            "export",
            [column],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    op.drop_table("export")


def _enum(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
