"""Pause windows, and the sandbox's clock."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime


def create() -> None:
    op.create_table(
        "pause_window",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column("start_at", UTCDateTime(), nullable=False),
        sa.Column("end_at", UTCDateTime(), nullable=False),
        sa.Column("declared_by", AutoString(length=64), nullable=False),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_window")),
    )
    with op.batch_alter_table("pause_window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_window_start_at"), ["start_at"], unique=False)
    op.create_table(
        "sandbox_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ahead_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_clock")),
    )


def drop() -> None:
    op.drop_table("sandbox_clock")
    with op.batch_alter_table("pause_window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pause_window_start_at"))
    op.drop_table("pause_window")
