"""Nothing is shared between tenants: no foreign key to their accounts, no sequence for ids."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The sequences came with the keys of one number, and were never drawn from.
_NUMBERED = ("account", "connector", "merchant", "pause_window", "sandbox_clock", "sign_in")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
        return
    op.drop_constraint(op.f("fk_employee_id_account"), "employee", type_="foreignkey")
    for table in _NUMBERED:
        op.alter_column(table, "id", server_default=None)
        op.execute(f"DROP SEQUENCE {table}_id_seq")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(_to_account())
        return
    op.create_foreign_key(op.f("fk_employee_id_account"), "employee", "account", ["id"], ["id"])
    for table in _NUMBERED:
        op.execute(f"CREATE SEQUENCE {table}_id_seq OWNED BY {table}.id")
        op.alter_column(table, "id", server_default=sa.text(f"nextval('{table}_id_seq')"))


def _to_account() -> sa.ForeignKeyConstraint:
    name = op.f("fk_employee_id_account")
    return sa.ForeignKeyConstraint(["id"], ["account.id"], name=name)


def _make_anew(*more: sa.ForeignKeyConstraint) -> None:
    """SQLite cannot change a table's constraints.

    Alembic's batch would rename a copy, whom those that refer to employees do not know. They wait
    until the end of the transaction, by which everybody they refer to is there again.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM employee")
    op.drop_table("employee")
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
        *more,
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_employee_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_employee")),
    )
    op.execute("INSERT INTO employee SELECT * FROM kept")
    op.drop_table("kept")
