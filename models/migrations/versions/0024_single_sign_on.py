"""Single sign-on: identity providers, and identities that are linked to accounts."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.enums import change_enum

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_PASSWORDS: Final = ("PASSWORD_RESET_ISSUED", "PASSWORD_RESET", "PASSWORD_CHANGED")
_STAFF_BEFORE: Final = (
    *("EMPLOYEE_CREATED", "EMPLOYEE_CHANGED", "EMPLOYEE_DISABLED", "EMPLOYEE_ENABLED"),
    *("ROLE_CREATED", "ROLE_CHANGED", "ROLE_DELETED", *_PASSWORDS),
)
_PLATFORM_BEFORE: Final = ("ACCOUNT_CREATED", "ACCOUNT_CHANGED", "ACCOUNT_DISABLED", *_PASSWORDS)
_NEW: Final = ("SINGLE_SIGN_ON_CHANGED", "IDENTITY_LINKED", "IDENTITY_UNLINKED")
_JSON: Final = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "identity_provider",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("issuer", AutoString(length=500), nullable=False),
        sa.Column("client_id", AutoString(length=255), nullable=False),
        sa.Column("client_secret", AutoString(length=1000), nullable=True),
        sa.Column("redirect_uris", _JSON, nullable=False),
        sa.Column("links_by_email", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_identity_provider")),
    )
    op.create_table(
        "identity",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", AutoString(length=500), nullable=False),
        sa.Column("subject", AutoString(length=255), nullable=False),
        sa.Column("linked_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_identity_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_identity")),
    )
    op.create_index(
        "ix_identity_subject", "identity", ["owner_id", "issuer", "subject"], unique=True
    )
    _change_kinds((*_STAFF_BEFORE, *_NEW), (*_PLATFORM_BEFORE, *_NEW))


def downgrade() -> None:
    # As in 0023: a history without gaps keeps its entries under a kind that is known.
    names = ", ".join(f"'{name}'" for name in _NEW)
    for table, kind in (
        ("staff_event", "EMPLOYEE_CHANGED"),
        ("platform_account_event", "ACCOUNT_CHANGED"),
    ):
        op.execute(f"UPDATE {table} SET kind = '{kind}' WHERE kind IN ({names})")  # noqa: S608 - the names above
    _change_kinds(_STAFF_BEFORE, _PLATFORM_BEFORE)
    op.drop_table("identity")
    op.drop_table("identity_provider")


def _change_kinds(staff: tuple[str, ...], platform: tuple[str, ...]) -> None:
    for table, values in (("staff_event", staff), ("platform_account_event", platform)):
        change_enum(table, "kind", values, constraint=f"ck_{table}_{table}_kind")
