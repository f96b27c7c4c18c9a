"""Indexes for the queues: a status by deadline, and a person's orders by time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BY_TIME = {
    "ix_service_order_assignee": ["merchant_id", "assignee_id"],
    "ix_service_order_customer": ["merchant_id", "customer_ref"],
}


def upgrade() -> None:
    for name, columns in _BY_TIME.items():
        op.drop_index(name, table_name="service_order")
        op.create_index(name, "service_order", [*columns, "applied_at", "id"])
    op.create_index(
        "ix_service_order_queue_due",
        "service_order",
        ["merchant_id", "status", "clock_due_at", "id"],
    )
    op.create_index(
        "ix_service_order_blocked",
        "service_order",
        ["merchant_id"],
        sqlite_where=sa.text("auto_approval_blocked"),
        postgresql_where=sa.text("auto_approval_blocked"),
    )


def downgrade() -> None:
    op.drop_index("ix_service_order_blocked", table_name="service_order")
    op.drop_index("ix_service_order_queue_due", table_name="service_order")
    for name, columns in _BY_TIME.items():
        op.drop_index(name, table_name="service_order")
        op.create_index(name, "service_order", columns)
