"""Sessions with derived refresh tokens, failures by place, connectors with an owner."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    # An existing session keeps the hash of its token, as generation 0, and remains valid.
    with op.batch_alter_table("sign_in") as sign_in:
        sign_in.add_column(sa.Column("generation", sa.Integer(), nullable=True))
        sign_in.add_column(sa.Column("rotated_at", _JSON, nullable=True))
        sign_in.add_column(sa.Column("place", AutoString(length=64), nullable=True))
    op.execute("UPDATE sign_in SET generation = 0, rotated_at = '[]'")
    with op.batch_alter_table("sign_in") as sign_in:
        sign_in.alter_column("generation", existing_type=sa.Integer(), nullable=False)
        sign_in.alter_column("rotated_at", existing_type=_JSON, nullable=False)
        sign_in.alter_column("secret_hash", existing_type=AutoString(length=64), nullable=True)
        sign_in.drop_index("ix_sign_in_account_id")
    op.create_index("ix_sign_in_place", "sign_in", ["account_id", "place", "created_at"])

    op.drop_table("sign_in_throttle")
    _create_throttle("key")
    op.create_index(
        "ix_sign_in_throttle_window_started_at", "sign_in_throttle", ["window_started_at"]
    )

    op.add_column("connector", sa.Column("created_by", AutoString(length=64), nullable=True))
    op.add_column("connector", sa.Column("owner_id", sa.BigInteger(), nullable=True))
    op.add_column("connector", sa.Column("owner", AutoString(length=64), nullable=True))
    op.add_column("connector", sa.Column("expires_at", UTCDateTime(), nullable=True))
    op.add_column("connector", sa.Column("last_used_at", UTCDateTime(), nullable=True))
    # Who created a connector is not known: the main account becomes the owner of all of them.
    for column, value in (("owner_id", "id"), ("owner", "name")):
        op.execute(
            f"UPDATE connector SET {column} = (SELECT account.{value} FROM account"  # noqa: S608 - the names above
            " WHERE account.merchant_id = connector.merchant_id AND account.kind = 'MAIN_ACCOUNT')"
        )


def downgrade() -> None:
    for column in ("last_used_at", "expires_at", "owner", "owner_id", "created_by"):
        op.drop_column("connector", column)

    op.drop_index("ix_sign_in_throttle_window_started_at", "sign_in_throttle")
    op.drop_table("sign_in_throttle")
    _create_throttle("login")

    # Earlier versions cannot read a derived token, which has no hash: those sessions end.
    op.execute("UPDATE sign_in SET ended_at = created_at WHERE generation > 0 AND ended_at IS NULL")
    op.execute("UPDATE sign_in SET secret_hash = '' WHERE secret_hash IS NULL")
    op.drop_index("ix_sign_in_place", "sign_in")
    with op.batch_alter_table("sign_in") as sign_in:
        sign_in.alter_column("secret_hash", existing_type=AutoString(length=64), nullable=False)
        for column in ("place", "rotated_at", "generation"):
            sign_in.drop_column(column)
        sign_in.create_index("ix_sign_in_account_id", ["account_id"])


def _create_throttle(key: str) -> None:
    op.create_table(
        "sign_in_throttle",
        sa.Column(key, AutoString(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_started_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(key, name=op.f("pk_sign_in_throttle")),
    )
