"""The table of write marks, for reads from replicas."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "write_mark",
        sa.Column("viewer", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("viewer", "slot", name=op.f("pk_write_mark")),
    )
    op.create_index(op.f("ix_write_mark_written_at"), "write_mark", ["written_at"])


def downgrade() -> None:
    op.drop_table("write_mark")
