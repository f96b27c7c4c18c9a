"""A scope: an entity's table within one statement, with the tables that are joined to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.sql import operators

from projection.child_lists import Level
from projection.fields import Entity


@dataclass(slots=True)
class Scope:
    """An entity's table within one statement, and the tables joined to it.

    ``expressions`` overrides where columns are read, by their keys: for an object in a JSON list.
    ``equal_columns`` holds the columns that need not be selected, because they equal columns of
    the scope that joins this one.
    """

    level: Level
    entity: Entity
    table: sa.FromClause
    expressions: Mapping[str, str] | None = None
    equal_columns: Mapping[str, tuple[Scope, sa.ColumnElement[Any]]] = field(default_factory=dict)
    _joined: dict[sa.FromClause, sa.FromClause] = field(default_factory=dict)

    def index_of(self, column: sa.ColumnElement[Any]) -> int:
        """Select the column, if it is not yet, and return its index in the row."""
        table = cast("sa.Column[Any]", column).table
        if table is not self.entity.table:
            return self.level.add(self.join(table), column)
        if str(column.key) in self.equal_columns:
            scope, equal = self.equal_columns[str(column.key)]
            return scope.index_of(equal)
        return self.level.add(self.table, column)

    def join(self, table: sa.FromClause) -> sa.FromClause:
        """Join the table, if it is not yet, and return its alias."""
        if table not in self._joined:
            alias = new_alias(table)
            self.level.source = self.level.source.outerjoin(
                alias, self.entity.joins[table](self.table, alias)
            )
            self._joined[table] = alias
        return self._joined[table]

    def to_one(
        self, entity: Entity, table: sa.FromClause, selected: sa.ColumnElement[Any] | None
    ) -> Scope:
        """The scope of a joined row. Of its equal columns only ``selected`` is selected."""
        alias = self.join(table)
        condition = self.entity.joins[table](self.table, alias)
        equal_columns = {
            str(theirs.key): (self, self.entity.table.c[str(ours.key)])
            for theirs, ours in _equal_columns(condition)
            if theirs.table is alias and ours.table is self.table
            if selected is None or theirs.key != selected.key
        }
        return Scope(self.level, entity, alias, equal_columns=equal_columns)


def _equal_columns(
    condition: sa.ColumnElement[bool],
) -> Iterable[tuple[sa.Column[Any], sa.Column[Any]]]:
    """The pairs of columns that the condition equates, in both directions."""
    is_and = isinstance(condition, sa.BooleanClauseList) and condition.operator is operators.and_
    for clause in condition.clauses if is_and else (condition,):
        if isinstance(clause, sa.BinaryExpression) and clause.operator is operators.eq:
            left, right = clause.left, clause.right
            if isinstance(left, sa.Column) and isinstance(right, sa.Column):
                yield left, right
                yield right, left


def new_alias(table: sa.FromClause) -> sa.FromClause:
    """The table under a new alias."""
    return (table.element if isinstance(table, sa.Alias) else table).alias()
