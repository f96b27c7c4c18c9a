"""Evaluation plans, monthly snapshots by them, and their benchmarks."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evaluation_plan",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", AutoString(length=200), nullable=True),
        sa.Column("published_by", AutoString(length=64), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_evaluation_plan")),
    )
    op.create_table(
        "quality_benchmark",
        sa.Column("month", AutoString(length=7), nullable=False),
        sa.Column("merchants", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_quality_benchmark")),
    )
    op.create_table(
        "quality_snapshot",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", AutoString(length=7), nullable=False),
        sa.Column("time_zone", AutoString(length=64), nullable=False),
        sa.Column("definitions_version", sa.Integer(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("explains", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_quality_snapshot_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "month", name=op.f("pk_quality_snapshot")),
    )
    op.create_index(
        "ix_quality_snapshot_month_score", "quality_snapshot", ["month", "score", "merchant_id"]
    )
    _grant_management()


def downgrade() -> None:
    _withdraw_management()
    op.drop_index("ix_quality_snapshot_month_score", "quality_snapshot")
    op.drop_table("quality_snapshot")
    op.drop_table("quality_benchmark")
    op.drop_table("evaluation_plan")


_MANAGE: Final = "QUALITY_MANAGE"
_EVERYTHING: Final = frozenset(
    {
        "ENROLMENT_REVIEW",
        "INTERVENE",
        "CALENDAR_MANAGE",
        "MERCHANT_READ",
        "PLATFORM_ACCOUNT_MANAGE",
    }
)


def _grant_management() -> None:
    """Let the accounts that could do everything manage plans: who lacks it cannot grant it."""
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
    sa.column("permissions", sa.JSON(none_as_null=True)),
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
