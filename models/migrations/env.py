"""How Alembic reaches the database: on the connection that ``models.schema_version`` hands over."""

from alembic import context

import models  # noqa: F401 - registers the tables
from models.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
