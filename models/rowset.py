"""Many rows in one parameter, so that one statement can write them all."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine


def rowset(
    dialect: str,
    rows: Sequence[Mapping[str, Any]],  # Any: JSON
    columns: Mapping[str, TypeEngine[Any]],
) -> sa.FromClause:
    """A table of the rows; its columns are whole numbers, text or JSON."""
    given = sa.bindparam(None, rows, type_=sa.JSON())
    if dialect == "postgresql":
        typed = [sa.column(name, kind) for name, kind in columns.items()]
        return sa.func.json_to_recordset(given).table_valued(*typed).render_derived(with_types=True)
    each = sa.func.json_each(given).table_valued("value")
    found = [
        # Taken as the text that it is: read as JSON here, it would be written as JSON of JSON.
        sa.type_coerce(sa.func.json_extract(each.c.value, f"$.{name}"), kind).label(name)
        for name, kind in columns.items()
    ]
    return sa.select(*found).select_from(each).subquery()
