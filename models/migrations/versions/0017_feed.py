"""The feed of events: its outbox, its places and its heads."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_outbox",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "merchant_id", "service_order_id", "sequence", name=op.f("pk_event_outbox")
        ),
    )
    op.create_table(
        "event_feed",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("platform_position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("placed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "position", name=op.f("pk_event_feed")),
    )
    op.create_index("ix_event_feed_platform_position", "event_feed", ["platform_position"])
    op.create_table(
        "feed_head",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purged_to", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_feed_head")),
    )
    heads = op.create_table(
        "platform_feed_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purged_to", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_feed_head")),
    )
    op.bulk_insert(heads, [{"id": 1, "position": 0, "purged_to": 0}])


def downgrade() -> None:
    op.drop_table("platform_feed_head")
    op.drop_table("feed_head")
    op.drop_index("ix_event_feed_platform_position", "event_feed")
    op.drop_table("event_feed")
    op.drop_table("event_outbox")
