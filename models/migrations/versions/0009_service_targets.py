"""A merchant's own targets, its time zone, and the target of each order that waits.

Orders that wait already have no target: one is set when an order enters a status.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TARGETED: Final = sa.text("target_at IS NOT NULL")


def upgrade() -> None:
    zone: sa.Column[str] = sa.Column(
        "time_zone",
        AutoString(length=64),
        nullable=False,
        # SQLite adds a column that must not be null only with a default.
        server_default=sa.text("'Asia/Shanghai'"),
    )
    op.add_column("merchant", zone)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("merchant", "time_zone", server_default=None)
    op.add_column("merchant", sa.Column("service_targets", sa.JSON(none_as_null=True)))
    op.add_column("service_order", sa.Column("target_at", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_service_order_target",
        "service_order",
        ["merchant_id", "target_at", "id", "status"],
        sqlite_where=_TARGETED,
        postgresql_where=_TARGETED,
    )


def downgrade() -> None:
    op.drop_index("ix_service_order_target", "service_order")
    op.drop_column("service_order", "target_at")
    op.drop_column("merchant", "service_targets")
    op.drop_column("merchant", "time_zone")
