"""Merchants' own reasons, and templates of notes to the customer.

An order keeps a copy of an own reason. The indexes hold only orders that have one.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_COPIES = (("own_reason", "reason_code"), ("own_review_reason", "review_reason"))


def upgrade() -> None:
    op.create_table(
        "reason",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", AutoString(length=64), nullable=False),
        sa.Column("parent", AutoString(length=64), nullable=True),
        sa.Column("name_zh", AutoString(length=64), nullable=False),
        sa.Column("name_en", AutoString(length=64), nullable=False),
        sa.Column("decisions", _JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("retired_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_reason_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "code", name=op.f("pk_reason")),
    )
    op.create_table(
        "note_template",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=True),
        sa.Column("decisions", _JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_note_template_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_note_template")),
    )
    op.add_column("merchant", sa.Column("retired_reasons", _JSON, nullable=True))
    for copy, code in _COPIES:
        op.add_column("service_order", sa.Column(copy, _JSON, nullable=True))
        op.create_index(
            f"ix_service_order_{copy}",
            "service_order",
            ["merchant_id", code, "applied_at", "id"],
            sqlite_where=sa.text(f"{copy} IS NOT NULL"),
            postgresql_where=sa.text(f"{copy} IS NOT NULL"),
        )


def downgrade() -> None:
    for copy, _ in reversed(_COPIES):
        op.drop_index(f"ix_service_order_{copy}", "service_order")
        op.drop_column("service_order", copy)
    op.drop_column("merchant", "retired_reasons")
    op.drop_table("note_template")
    op.drop_table("reason")
