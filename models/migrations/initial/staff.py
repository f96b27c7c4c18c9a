"""Employees and their roles."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime


def create() -> None:
    op.create_table(
        "employee",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=64), nullable=False),
        sa.Column("login", AutoString(length=64), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("extra_permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["account.id"], name=op.f("fk_employee_id_account")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_employee_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_employee")),
    )
    op.create_table(
        "role",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(length=32), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_role_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_role")),
        sa.UniqueConstraint("merchant_id", "name", name=op.f("uq_role_merchant_id_name")),
    )
    op.create_table(
        "employee_role",
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "employee_id"],
            ["employee.merchant_id", "employee.id"],
            name=op.f("fk_employee_role_merchant_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "role_id"],
            ["role.merchant_id", "role.id"],
            name=op.f("fk_employee_role_merchant_id_role_id_role"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "employee_id", "role_id", name=op.f("pk_employee_role")
        ),
    )
    with op.batch_alter_table("employee_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employee_role_role_id"), ["role_id"], unique=False)


def drop() -> None:
    with op.batch_alter_table("employee_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employee_role_role_id"))
    op.drop_table("employee_role")
    op.drop_table("role")
    op.drop_table("employee")
