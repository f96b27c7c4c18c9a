"""Accounts: what device a session is on, and codes for new passwords."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.enums import change_enum

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ACTIVE: Final = sa.text("ended_at IS NULL")
_COLUMNS: Final = (
    ("user_agent", AutoString(length=200)),
    ("label", AutoString(length=64)),
    ("last_used_at", UTCDateTime()),
)
_STAFF_BEFORE: Final = (
    *("EMPLOYEE_CREATED", "EMPLOYEE_CHANGED", "EMPLOYEE_DISABLED", "EMPLOYEE_ENABLED"),
    *("ROLE_CREATED", "ROLE_CHANGED", "ROLE_DELETED"),
)
_PLATFORM_BEFORE: Final = (
    *("ACCOUNT_CREATED", "ACCOUNT_CHANGED", "ACCOUNT_DISABLED", "PASSWORD_RESET"),
)
_STAFF: Final = (*_STAFF_BEFORE, "PASSWORD_RESET_ISSUED", "PASSWORD_RESET", "PASSWORD_CHANGED")
_PLATFORM: Final = (*_PLATFORM_BEFORE, "PASSWORD_RESET_ISSUED", "PASSWORD_CHANGED")


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("sign_in", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_sign_in_active",
        "sign_in",
        ["account_id", "id"],
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
    op.create_table(
        "password_reset",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", AutoString(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_password_reset_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_password_reset")),
    )
    _change_kinds(_STAFF, _PLATFORM)


def downgrade() -> None:
    # Earlier versions know no such entries. A history without gaps cannot lose them: they become
    # changes of which nothing is told.
    op.execute(
        "UPDATE staff_event SET kind = 'EMPLOYEE_CHANGED' WHERE kind IN"
        " ('PASSWORD_RESET_ISSUED', 'PASSWORD_RESET', 'PASSWORD_CHANGED')"
    )
    op.execute(
        "UPDATE platform_account_event SET kind = 'PASSWORD_RESET' WHERE kind IN"
        " ('PASSWORD_RESET_ISSUED', 'PASSWORD_CHANGED')"
    )
    _change_kinds(_STAFF_BEFORE, _PLATFORM_BEFORE)
    op.drop_table("password_reset")
    op.drop_index("ix_sign_in_active", "sign_in")
    for name, _ in _COLUMNS:
        op.drop_column("sign_in", name)


def _change_kinds(staff: tuple[str, ...], platform: tuple[str, ...]) -> None:
    for table, values in (("staff_event", staff), ("platform_account_event", platform)):
        change_enum(table, "kind", values, constraint=f"ck_{table}_{table}_kind")
