"""A relation of keys passed as parameters, so that one statement serves any number of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from database.array_types import array_parameter


class KeyRelation:
    """A relation with the columns ``k0``, ``k1`` and so on, and a row for each key."""

    def __init__(self, name: str, types: Sequence[Any]) -> None:
        # Any: SQLAlchemy's types
        self._name = name
        self._types = types

    def relation(self, dialect: sa.Dialect) -> sa.FromClause:
        """The relation: ``unnest`` of arrays on PostgreSQL, ``json_each`` on SQLite."""
        if dialect.name == "postgresql":
            arrays = [
                array_parameter(f"{self._name}{position}", type_)
                for position, type_ in enumerate(self._types)
            ]
            columns = [
                sa.column(f"k{position}", type_) for position, type_ in enumerate(self._types)
            ]
            unnested = sa.func.unnest(*arrays).table_valued(*columns)
            return unnested.render_derived(name=self._name)
        keys = sa.bindparam(f"{self._name}0", type_=sa.JSON)
        rows = sa.func.json_each(keys).table_valued("value")
        return (
            sa.select(
                *[
                    # As the number or text that it is: read as JSON it would be quoted again.
                    sa.type_coerce(
                        sa.func.json_extract(rows.c.value, f"$[{position}]"), type_
                    ).label(f"k{position}")
                    for position, type_ in enumerate(self._types)
                ]
            )
            .select_from(rows)
            .subquery(self._name)
        )

    def parameters(self, dialect: sa.Dialect, keys: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        """The parameters that hold the keys."""
        if dialect.name == "postgresql":
            columns = zip(*keys, strict=True)
            return {
                f"{self._name}{position}": list(values) for position, values in enumerate(columns)
            }
        return {f"{self._name}0": keys}
