"""Many rows in one parameter, so that one statement can write them all."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine


def rowset(dialect: str, name: str, columns: Mapping[str, TypeEngine[Any]]) -> sa.FromClause:
    """A table of the rows in the parameter; its columns are whole numbers, text or JSON."""
    given = sa.bindparam(name, type_=sa.JSON())
    if dialect == "postgresql":
        typed = [sa.column(column, kind) for column, kind in columns.items()]
        return sa.func.json_to_recordset(given).table_valued(*typed).render_derived(with_types=True)
    each = sa.func.json_each(given).table_valued("value")
    found = [
        # Taken as the text that it is: read as JSON here, it would be written as JSON of JSON.
        sa.type_coerce(sa.func.json_extract(each.c.value, f"$.{column}"), kind).label(column)
        for column, kind in columns.items()
    ]
    return sa.select(*found).select_from(each).subquery()
