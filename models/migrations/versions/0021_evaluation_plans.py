"""Evaluation plans, monthly snapshots by them, and their benchmarks."""

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


def downgrade() -> None:
    op.drop_index("ix_quality_snapshot_month_score", "quality_snapshot")
    op.drop_table("quality_snapshot")
    op.drop_table("quality_benchmark")
    op.drop_table("evaluation_plan")
