"""A plugin for Alembic: where tables are distributed, a migration distributes those it creates.

Citus takes a foreign key to a distributed table only from another one, so the foreign keys of a
table are added after it was distributed. Migrations need to know nothing of it.
"""

import sqlalchemy as sa
from alembic.operations import Operations, ops, toimpl
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from database.distribution import is_distributed
from models.distribution import PLACEMENTS


@Operations.implementation_for(ops.CreateTableOp, replace=True)
def create_table(operations: Operations, operation: ops.CreateTableOp) -> sa.Table:
    """Create the table, and distribute it as ``PLACEMENTS`` says."""
    bind = operations.get_bind()
    calls = {placement.table: placement.call for placement in PLACEMENTS}
    call = calls.get(operation.table_name)
    if call is None or not is_distributed(bind.dialect):
        return toimpl.create_table(operations, operation)
    table = operation.to_table(operations.migration_context)
    bind.execute(CreateTable(table, include_foreign_key_constraints=[]))
    for index in table.indexes:
        bind.execute(CreateIndex(index))
    bind.execute(sa.text(call))
    for constraint in table.foreign_key_constraints:
        bind.execute(AddConstraint(constraint))
    return table
