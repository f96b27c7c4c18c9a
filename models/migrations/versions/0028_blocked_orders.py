"""An index that lists the orders which the system cannot approve, in their order."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_NAME: Final = "ix_service_order_blocked"
_TABLE: Final = "service_order"
_IS_BLOCKED: Final = sa.text("auto_approval_blocked")


def upgrade() -> None:
    _replace(["merchant_id", "applied_at", "id"])


def downgrade() -> None:
    _replace(["merchant_id"])


def _replace(columns: list[str]) -> None:
    op.drop_index(_NAME, table_name=_TABLE)
    op.create_index(_NAME, _TABLE, columns, sqlite_where=_IS_BLOCKED, postgresql_where=_IS_BLOCKED)
