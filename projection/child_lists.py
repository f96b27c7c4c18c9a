"""Fetches the lists below a statement's rows: one more statement each, for all parents together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from database.compiled import Row, Statement
from projection.arguments import CoerceArguments
from projection.conditions import Conditions, ParameterNames, parameters_of, templates_of
from projection.fields import RequestContext, ToMany
from projection.key_relation import KeyRelation
from projection.shape_compiler import ChildLists, Shape
from projection.statements import NamedStatement, StatementCache, StatementRunner
from projection.variables import Variables


@dataclass(slots=True)
class Level:
    """What one statement selects, and the lists below its rows."""

    source: sa.FromClause
    columns: list[sa.ColumnElement[Any]] = field(default_factory=list)
    children: list[ChildList] = field(default_factory=list)
    has_expressions: bool = False
    arguments: list[CoerceArguments] = field(default_factory=list)
    """What coerces the arguments of computed fields that depend on the request."""
    _indexes: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, table: sa.FromClause, column: sa.ColumnElement[Any]) -> int:
        """Select a column of the table, once, and return its index in the row."""
        name = str(column.key)
        key = (id(table), name)
        if key not in self._indexes:
            self._indexes[key] = len(self.columns)
            self.columns.append(table.c[name])
        return self._indexes[key]

    def add_expression(self, expression: sa.ColumnElement[Any]) -> int:
        """Select an expression that is no column, and return its index in the row."""
        self.has_expressions = True
        self.columns.append(expression)
        return len(self.columns) - 1

    def add_arguments(self, coerce: CoerceArguments) -> int:
        """Have the arguments of a field coerced; returns their index in the last of the lists."""
        self.arguments.append(coerce)
        return len(self.arguments) - 1

    def select(self, source: sa.FromClause | None = None) -> sa.Select[Any]:
        """The statement, over ``source`` instead of the level's own where that is wider."""
        labelled = [column.label(f"c{index}") for index, column in enumerate(self.columns)]
        return sa.select(*labelled).select_from(self.source if source is None else source)


@dataclass(slots=True, kw_only=True)
class ChildList:
    """A list below the rows of a level."""

    fetch: ToMany
    level: Level
    shape: Shape
    table: sa.FromClause
    keys: tuple[sa.ColumnElement[Any], ...]
    order_by: Sequence[sa.ColumnElement[Any]]
    parent_indexes: tuple[int, ...]
    coerce_arguments: CoerceArguments
    _statements: StatementCache = field(default_factory=StatementCache)

    @property
    def needs_snapshot(self) -> bool:
        """Whether the list must be read in the same snapshot as its parents."""
        return self.fetch.needs_snapshot or needs_snapshot(self.level)

    async def fetch_by_parent(
        self,
        runner: StatementRunner,
        parents: Sequence[Row],
        context: RequestContext,
        variables: Variables,
    ) -> Mapping[tuple[Any, ...], list[Any]]:
        """The lists by their parents' keys; parents without children are left out."""
        width = len(self.keys)
        parent_keys = dict.fromkeys(
            key
            for row in parents
            # A missing to-one row has no key, and no list below it.
            if None not in (key := tuple([row[index] for index in self.parent_indexes]))[:width]
        )
        if not parent_keys:
            return {}
        where: Conditions = ()
        if self.fetch.where is not None:
            where = self.fetch.where(self.coerce_arguments(variables), context)
        # The parents mostly belong to one tenant. Naming it lets the database look in one place.
        tenant = next(iter(parent_keys))[0]
        one_tenant = all(key[0] == tenant for key in parent_keys)
        relation = self._relation()
        statement, names = self._statements.get(
            (templates_of(where), one_tenant),
            lambda: self._statement(runner.dialect, where, one_tenant=one_tenant),
        )
        parameters = relation.parameters(runner.dialect, list(parent_keys))
        parameters |= parameters_of(names, where)
        if one_tenant:
            parameters["first"] = tenant
        rows = await runner.run(statement, parameters)
        lists = await fetch_child_lists(runner, self.level, rows, context, variables)
        by_parent: dict[tuple[Any, ...], list[Any]] = {}
        shape, end = self.shape, len(self.level.columns)
        for row in rows:
            key = (*row[:width], *row[end:])
            by_parent.setdefault(key, []).append(shape(row, lists, context))
        return by_parent

    def _relation(self) -> KeyRelation:
        columns = (*self.fetch.parent, *self.fetch.parent_columns)
        return KeyRelation("parent", [column.type for column in columns])

    def _statement(
        self, dialect: sa.Dialect, where: Conditions, *, one_tenant: bool
    ) -> NamedStatement:
        parents, parameter_names = self._relation().relation(dialect), ParameterNames("w")
        width = len(self.keys)
        on = [parents.c[f"k{position}"] == key for position, key in enumerate(self.keys)]
        parent_columns = [
            parents.c[f"k{width + position}"] for position in range(len(self.fetch.parent_columns))
        ]
        conditions = [
            parameter_names.build(condition, self.table, *parent_columns) for condition in where
        ]
        statement = (
            self.level.select(parents.join(self.level.source, sa.and_(*on)))
            .where(*conditions)
            .order_by(*self.order_by)
        )
        if self.fetch.per_parent:
            statement = statement.add_columns(*parent_columns)
        if one_tenant:
            statement = statement.where(self.keys[0] == sa.bindparam("first"))
        return Statement(statement, dialect), parameter_names.names


async def fetch_child_lists(
    runner: StatementRunner,
    level: Level,
    rows: Sequence[Row],
    context: RequestContext,
    variables: Variables,
) -> ChildLists:
    """Fetch every list below the rows. Arguments of computed fields follow them, if any."""
    if not level.children and not level.arguments:
        return ()
    lists: list[Any] = [
        await child.fetch_by_parent(runner, rows, context, variables) for child in level.children
    ]
    if level.arguments:
        lists.append([coerce(variables) for coerce in level.arguments])
    return lists


def needs_snapshot(level: Level) -> bool:
    """Whether a list below must be read in the same snapshot as the rows."""
    return any(child.needs_snapshot for child in level.children)
