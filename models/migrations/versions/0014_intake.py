"""Quantities bought, the merchants of a platform's connector, and the names of divisions."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("service_order", sa.Column("purchased_quantity", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("service_order", "purchased_quantity")
