"""The lists below the rows of a statement: one more statement each, for all parents together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from database.bounded_cache import BoundedCache
from database.compiled import Row, Statement
from projection.code import Lists, Shape
from projection.coercion import Arguments
from projection.conditions import Conditions, Keys, Places, key_of, values_of
from projection.fields import Given, Many
from projection.statements import StatementRunner
from projection.variables import Variables

MAX_VARIANTS = 64
"""How many statements a plan keeps: its conditions come in as many combinations."""


@dataclass(slots=True)
class Variants:
    """The statements of one plan, by what varies in them from request to request."""

    _made: BoundedCache[object, tuple[Statement, Sequence[str]]] = field(
        default_factory=lambda: BoundedCache(MAX_VARIANTS)
    )

    def find(
        self, key: object, make: Callable[[], tuple[Statement, Sequence[str]]]
    ) -> tuple[Statement, Sequence[str]]:
        """A statement and the names of its conditions' values."""
        found = self._made.peek(key)
        if found is None:
            found = make()
            self._made.put(key, found)
        return found


@dataclass(slots=True)
class Level:
    """What one statement selects, and the lists that hang below its rows."""

    source: sa.FromClause
    columns: list[sa.ColumnElement[Any]] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    _at: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, table: sa.FromClause, column: sa.ColumnElement[Any]) -> int:
        """Select a column of the table, once, and say where it stands in the row."""
        key = str(column.key)
        place = (id(table), key)
        if place not in self._at:
            self._at[place] = len(self.columns)
            self.columns.append(table.c[key])
        return self._at[place]

    def select(self, source: sa.FromClause | None = None) -> sa.Select[Any]:
        """The statement, over more than its own source if that is given."""
        labelled = [column.label(f"c{at}") for at, column in enumerate(self.columns)]
        return sa.select(*labelled).select_from(self.source if source is None else source)


@dataclass(slots=True, kw_only=True)
class Child:
    """A list below the rows of a level."""

    fetch: Many
    level: Level
    shape: Shape
    table: sa.FromClause
    keys: tuple[sa.ColumnElement[Any], ...]
    order_by: Sequence[sa.ColumnElement[Any]]
    parent_at: tuple[int, ...]
    arguments: Arguments
    _statements: Variants = field(default_factory=Variants)

    @property
    def settled(self) -> bool:
        """Whether it may be fetched later than its parents."""
        return self.fetch.settled and all(child.settled for child in self.level.children)

    async def fetched(
        self, rows: StatementRunner, parents: Sequence[Row], given: Given, variables: Variables
    ) -> Mapping[tuple[Any, ...], list[Any]]:
        """The lists by their parents' keys; none for a parent that has nothing."""
        width = len(self.keys)
        asked = dict.fromkeys(
            key
            for row in parents
            # A to-one that is not there has no key, and no list below.
            if None not in (key := tuple([row[at] for at in self.parent_at]))[:width]
        )
        if not asked:
            return {}
        where: Conditions = ()
        if self.fetch.where is not None:
            where = self.fetch.where(self.arguments(variables), given)
        # Of one tenant, as they mostly are: to say so lets the database look in one place.
        first = next(iter(asked))[0]
        shared = all(key[0] == first for key in asked)
        keys = self._keys()
        statement, names = self._statements.find(
            (key_of(where), shared), lambda: self._statement(rows.dialect, where, shared=shared)
        )
        values = keys.values(rows.dialect, list(asked)) | values_of(names, where)
        if shared:
            values["first"] = first
        found = await rows.run(statement, values)
        lists = await below(rows, self.level, found, given, variables)
        grouped: dict[tuple[Any, ...], list[Any]] = {}
        shape = self.shape
        for row in found:
            grouped.setdefault(tuple(row[:width]), []).append(shape(row, lists, given))
        return grouped

    def _keys(self) -> Keys:
        columns = (*self.fetch.parent, *self.fetch.beside)
        return Keys("parent", [column.type for column in columns])

    def _statement(
        self, dialect: sa.Dialect, where: Conditions, *, shared: bool
    ) -> tuple[Statement, Sequence[str]]:
        parents, places = self._keys().relation(dialect), Places("w")
        width = len(self.keys)
        met = [parents.c[f"k{at}"] == key for at, key in enumerate(self.keys)]
        beside = [parents.c[f"k{width + at}"] for at in range(len(self.fetch.beside))]
        statement = (
            self.level.select(parents.join(self.level.source, sa.and_(*met)))
            .where(*[places.built(one, self.table, *beside) for one in where])
            .order_by(*self.order_by)
        )
        if shared:
            statement = statement.where(self.keys[0] == sa.bindparam("first"))
        return Statement(statement, dialect), places.names


async def below(
    rows: StatementRunner, level: Level, found: Sequence[Row], given: Given, variables: Variables
) -> Lists:
    """Every list below the rows."""
    if not level.children:
        return ()
    return [await child.fetched(rows, found, given, variables) for child in level.children]


def is_settled(level: Level) -> bool:
    """Whether the lists below may be fetched later than the rows."""
    return all(child.settled for child in level.children)
