"""Running one statement for many requests at once, in one round trip to PostgreSQL.

Not for SQLite: there is no round trip to save.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from database.array_types import array_parameter
from database.compiled import Row, Statement

ORDINAL: Final = "ordinal"
"""The column with the number of the request that a row belongs to, counted from one."""

_PARAMETERS: Final = "parameters"

ParameterTypes = Mapping[str, Any]
"""The SQLAlchemy types of the parameters, by name."""


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """A query for many requests: one array per parameter; its last column is ``ORDINAL``."""

    statement: sa.Select[Any]
    types: ParameterTypes


def parameter_rows(types: ParameterTypes) -> sa.TableValuedAlias:
    """A relation of the parameters: one row per request, with ``ORDINAL``."""
    arrays = [array_parameter(name, type_) for name, type_ in types.items()]
    columns = [sa.column(name, type_) for name, type_ in types.items()]
    rows = sa.func.unnest(*arrays).table_valued(*columns, with_ordinality=ORDINAL)
    return rows.render_derived(name=_PARAMETERS)


def batch_query(query: sa.Select[Any]) -> BatchQuery:
    """The query for many requests, as a lateral join. The order of its rows is lost."""
    types = {
        element.key: element.type
        for element in visitors.iterate(query)
        if isinstance(element, sa.BindParameter) and element.required
    }

    def column_of(element: Any, **_: Any) -> sa.ColumnElement[Any] | None:
        # Any: SQLAlchemy's own. A literal column, because a column of the relation would add the
        # relation to the FROM of every subquery.
        if isinstance(element, sa.BindParameter) and element.required:
            return sa.literal_column(f"{_PARAMETERS}.{element.key}", types[element.key])
        return None

    replaced = visitors.replacement_traverse(query, {}, column_of)
    result = cast("sa.Select[Any]", replaced).lateral("result")
    parameters = parameter_rows(types)
    return BatchQuery(
        sa.select(result, parameters.c[ORDINAL]).select_from(parameters.join(result, sa.true())),
        types,
    )


class BatchableStatement(Statement):
    """A statement that can also run for many requests at once."""

    def __init__(
        self,
        statement: sa.Select[Any],
        dialect: sa.Dialect,
        change: Callable[[], BatchQuery] | None = None,
    ) -> None:
        """The batch form of a query is derived; that of a ``change`` has to be passed.

        A request that gets no row from a change must retry alone: the batch may have skipped it.
        """
        super().__init__(statement, dialect)
        self._changes = change is not None
        self._dialect = dialect
        self._make_batch = change or (lambda: batch_query(statement))

    @cached_property
    def batched(self) -> BatchStatement:
        """The batch form, for PostgreSQL; compiled on first use."""
        return BatchStatement(self._make_batch(), self._dialect, may_skip=self._changes)


class BatchStatement:
    """A batch query, compiled."""

    def __init__(self, query: BatchQuery, dialect: sa.Dialect, *, may_skip: bool) -> None:
        self._names = tuple(query.types)
        self._may_skip = may_skip
        self._statement = Statement(query.statement, dialect)
        self.text = self._statement.text

    def values(self, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The parameters of all requests, as arrays."""
        return self._statement.values(
            {name: [parameters[name] for parameters in requests] for name in self._names}
        )

    def split(self, rows: Sequence[Row], count: int) -> list[list[Row] | None]:
        """The rows of each of ``count`` requests; None for one that must retry alone."""
        results: list[list[Row] | None] = [None if self._may_skip else [] for _ in range(count)]
        for row in rows:
            index = row[-1] - 1
            result = results[index]
            if result is None:
                results[index] = result = []
            result.append(row[:-1])
        return results
