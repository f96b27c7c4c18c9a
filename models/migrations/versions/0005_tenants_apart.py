"""Tenants share nothing: no foreign key from employees to accounts, no sequences for ids."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# PostgreSQL made a sequence for each primary key of one integer; none was ever used.
_WITH_SEQUENCE = ("account", "connector", "merchant", "pause_window", "sandbox_clock", "sign_in")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
        return
    op.drop_constraint(op.f("fk_employee_id_account"), "employee", type_="foreignkey")
    for table in _WITH_SEQUENCE:
        op.alter_column(table, "id", server_default=None)
        op.execute(f"DROP SEQUENCE {table}_id_seq")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(_to_account())
        return
    op.create_foreign_key(op.f("fk_employee_id_account"), "employee", "account", ["id"], ["id"])
    for table in _WITH_SEQUENCE:
        op.execute(f"CREATE SEQUENCE {table}_id_seq OWNED BY {table}.id")
        op.alter_column(table, "id", server_default=sa.text(f"nextval('{table}_id_seq')"))


def _to_account() -> sa.ForeignKeyConstraint:
    name = op.f("fk_employee_id_account")
    return sa.ForeignKeyConstraint(["id"], ["account.id"], name=name)


def _rebuild(*constraints: sa.ForeignKeyConstraint) -> None:
    """Create the table again, as SQLite cannot change its constraints.

    Not by Alembic's batch: it renames a copy, and the rows that refer to employees would refer to
    nothing when the transaction ends. Here the references wait until then, and the table has its
    name and its rows again before.
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
        *constraints,
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_employee_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_employee")),
    )
    op.execute("INSERT INTO employee SELECT * FROM kept")
    op.drop_table("kept")
