"""Merchants, their enrolment, and their return addresses."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.initial.enums import ENROLMENT_STATUSES, checked


def create() -> None:
    op.create_table(
        "merchant",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column(
            "enrolment", checked(ENROLMENT_STATUSES, name="enrolment_status"), nullable=False
        ),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
    )
    op.create_table(
        "enrolment_attempt",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("applied_by", AutoString(length=64), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.Column("reviewed_by", AutoString(length=64), nullable=True),
        sa.Column("reviewed_at", UTCDateTime(), nullable=True),
        sa.Column("result", checked(ENROLMENT_STATUSES, name="enrolment_status"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_enrolment_attempt_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "number", name=op.f("pk_enrolment_attempt")),
    )
    op.create_table(
        "return_address",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contact", AutoString(length=64), nullable=False),
        sa.Column("phone", AutoString(length=32), nullable=False),
        sa.Column("zip", AutoString(length=6), nullable=True),
        sa.Column("province_code", AutoString(length=6), nullable=False),
        sa.Column("city_code", AutoString(length=6), nullable=False),
        sa.Column("district_code", AutoString(length=6), nullable=False),
        sa.Column("detail", AutoString(length=200), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_return_address_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_return_address")),
    )
    with op.batch_alter_table("return_address", schema=None) as batch_op:
        batch_op.create_index(
            "uq_return_address_default",
            ["merchant_id"],
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )
    op.create_table(
        "suspension",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("suspended_by", AutoString(length=64), nullable=False),
        sa.Column("suspended_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resumed_by", AutoString(length=64), nullable=True),
        sa.Column("resumed_at", UTCDateTime(), nullable=True),
        sa.Column("resume_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_suspension_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "number", name=op.f("pk_suspension")),
    )


def drop() -> None:
    op.drop_table("suspension")
    with op.batch_alter_table("return_address", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_return_address_default",
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )
    op.drop_table("return_address")
    op.drop_table("enrolment_attempt")
    op.drop_table("merchant")
