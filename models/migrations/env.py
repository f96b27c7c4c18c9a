"""Alembic's entry point: runs on the connection that ``models.schema_version`` passes."""

from alembic import context

import models  # noqa: F401 - registers the tables
from models.migrations import (
    distributed,  # noqa: F401 - registers how tables are created
    enum_checks,
)
from models.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    autogenerate_plugins=["alembic.autogenerate.*", enum_checks.NAME],
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
