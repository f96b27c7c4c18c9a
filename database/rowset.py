"""Many rows in one JSON parameter, so that one statement can write them all."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine


def rowset(dialect: str, name: str, columns: Mapping[str, TypeEngine[Any]]) -> sa.FromClause:
    """A table of the rows in the parameter; its columns are integers, text or JSON."""
    parameter = sa.bindparam(name, type_=sa.JSON())
    if dialect == "postgresql":
        typed = [sa.column(column, type_) for column, type_ in columns.items()]
        rows = sa.func.json_to_recordset(parameter).table_valued(*typed)
        return rows.render_derived(with_types=True)
    rows = sa.func.json_each(parameter).table_valued("value")
    values = [
        # Coerced, not cast: JSON read here as JSON would be written as JSON of JSON.
        sa.type_coerce(sa.func.json_extract(rows.c.value, f"$.{column}"), type_).label(column)
        for column, type_ in columns.items()
    ]
    return sa.select(*values).select_from(rows).subquery()
