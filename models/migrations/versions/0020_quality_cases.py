"""The cases of service quality. Servers derive those of earlier orders from their events."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KINDS: Final = (
    *("REVIEW", "RECEIPT", "PROCESSING", "HANDLING"),
    *("RESULT", "END", "RATING"),
)


def upgrade() -> None:
    op.create_table(
        "quality_case",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *_KINDS,
                name="case_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("reason_code", AutoString(length=64), nullable=False),
        sa.Column("category", AutoString(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "service_order_id"],
            ["service_order.merchant_id", "service_order.id"],
            name=op.f("fk_quality_case_merchant_id_service_order_id_service_order"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "service_order_id", "kind", "sequence", name=op.f("pk_quality_case")
        ),
    )
    op.create_index(
        "ix_quality_case_figures",
        "quality_case",
        [
            "merchant_id",
            "kind",
            "day",
            "at",
            "service_order_id",
            "sequence",
            "employee_id",
            "marks",
            "amount",
        ],
    )
    op.create_table(
        "quality_head",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rebuilt_to", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("time_zone", AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_quality_head_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_quality_head")),
    )


def downgrade() -> None:
    op.drop_table("quality_head")
    op.drop_index("ix_quality_case_figures", "quality_case")
    op.drop_table("quality_case")
