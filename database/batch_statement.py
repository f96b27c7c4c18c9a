"""Running a statement for many at once: one way to the database and back, whoever they are.

On PostgreSQL alone: of a file there is no way to save.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import visitors

from database.compiled import Row, Statement

AT: Final = "at"
"""The column that says whose a row is: the place of their parameters among all, from one on."""

_GIVEN: Final = "given"

Kinds = Mapping[str, Any]
"""The parameters' types, SQLAlchemy's, by their names."""


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """What runs for many at once: an array for each of the ``kinds``; its last column is ``AT``."""

    statement: sa.Select[Any]
    kinds: Kinds


def parameter_rows(kinds: Kinds) -> sa.TableValuedAlias:
    """A relation of all parameters: a row for each who asks, with ``AT``."""
    # Of one dimension, or a value that is a list itself would be taken for another one.
    arrays = [sa.bindparam(name, type_=ARRAY(kind, dimensions=1)) for name, kind in kinds.items()]
    columns = [sa.column(name, kind) for name, kind in kinds.items()]
    each = sa.func.unnest(*arrays).table_valued(*columns, with_ordinality=AT)
    return each.render_derived(name=_GIVEN)


def each(query: sa.Select[Any]) -> BatchQuery:
    """A query for each who asks. The order of its rows is lost."""
    kinds = {
        one.key: one.type
        for one in visitors.iterate(query)
        if isinstance(one, sa.BindParameter) and one.required
    }

    def by_column(element: Any, **_: Any) -> sa.ColumnElement[Any] | None:
        # Any: SQLAlchemy's own. By its text alone: as a column of a relation it would bring that
        # along into every query within.
        if isinstance(element, sa.BindParameter) and element.required:
            return sa.literal_column(f"{_GIVEN}.{element.key}", kinds[element.key])
        return None

    replaced = visitors.replacement_traverse(query, {}, by_column)
    found = cast("sa.Select[Any]", replaced).lateral("found")
    asked = parameter_rows(kinds)
    return BatchQuery(
        sa.select(found, asked.c[AT]).select_from(asked.join(found, sa.true())),
        kinds,
    )


class BatchableStatement(Statement):
    """A statement that may as well run for many at once."""

    def __init__(
        self,
        statement: sa.Select[Any],
        dialect: sa.Dialect,
        change: Callable[[], BatchQuery] | None = None,
    ) -> None:
        """A query says itself how it runs for many; of a ``change`` it has to be said.

        Whose row that does not answer with has to try by themselves: it may have been passed over.
        """
        super().__init__(statement, dialect)
        self._changes = change is not None
        self._dialect = dialect
        self._many = change or (lambda: each(statement))

    @cached_property
    def together(self) -> BatchStatement:
        """For PostgreSQL; made once it is needed."""
        return BatchStatement(self._many(), self._dialect, may_pass_over=self._changes)


class BatchStatement:
    """The same, compiled."""

    def __init__(self, many: BatchQuery, dialect: sa.Dialect, *, may_pass_over: bool) -> None:
        self._names = tuple(many.kinds)
        self._may_pass_over = may_pass_over
        self._statement = Statement(many.statement, dialect)
        self.text = self._statement.text

    def values(self, asked: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The parameters of all, as arrays."""
        return self._statement.values({name: [one[name] for one in asked] for name in self._names})

    def apart(self, found: Sequence[Row], count: int) -> list[list[Row] | None]:
        """Each one's rows, of so many who asked; None for who has to ask by themselves."""
        theirs: list[list[Row] | None] = [None if self._may_pass_over else [] for _ in range(count)]
        for row in found:
            at = row[-1] - 1
            mine = theirs[at]
            if mine is None:
                theirs[at] = mine = []
            mine.append(row[:-1])
        return theirs
