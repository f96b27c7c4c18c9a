"""Names of roles are compared folded: two names that read the same are the same name."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from domain.characters import folded

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ROLE = sa.table(
    "role",
    sa.column("merchant_id", sa.BigInteger()),
    sa.column("id", sa.BigInteger()),
    sa.column("name", sa.String()),
    sa.column("name_key", sa.String()),
)


def upgrade() -> None:
    # SQLite adds a column that must not be null only with a default.
    op.add_column(
        "role", sa.Column("name_key", AutoString(), nullable=False, server_default=sa.text("''"))
    )
    _fill_keys()
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("role", "name_key", server_default=None)
    op.create_index("ix_role_name_key", "role", ["merchant_id", "name_key"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_role_name_key", "role")
    op.drop_column("role", "name_key")


def _fill_keys() -> None:
    """The oldest of the roles whose names collide gets the key, the others one with their id.

    They keep their names. No folded name has a line end, so that no new role can collide with
    such a key.
    """
    connection = op.get_bind()
    taken: set[tuple[int, str]] = set()
    rows = connection.execute(
        sa.select(_ROLE.c.merchant_id, _ROLE.c.id, _ROLE.c.name).order_by(_ROLE.c.id)
    )
    for merchant_id, id_, name in rows.all():
        key = folded(name)
        if (merchant_id, key) in taken:
            key = f"{key}\n{id_}"
        taken.add((merchant_id, key))
        connection.execute(
            sa.update(_ROLE)
            .where(_ROLE.c.merchant_id == merchant_id, _ROLE.c.id == id_)
            .values(name_key=key)
        )
