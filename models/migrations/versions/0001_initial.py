"""The first tables; each module of ``initial`` has those of one subject."""

from models.migrations.initial import accounts, clocks, merchants, service_orders, staff

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order of their foreign keys.
_SUBJECTS = (accounts, merchants, clocks, staff, service_orders)


def upgrade() -> None:
    for subject in _SUBJECTS:
        subject.create()


def downgrade() -> None:
    for subject in reversed(_SUBJECTS):
        subject.drop()
