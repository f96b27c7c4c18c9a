"""A selection becomes one statement per list it asks for, and a function that shapes the rows.

The function is compiled from an expression that holds the answer's keys in their order, as one
would write it by hand: ``{"number": row[0], "merchant": {"name": row[1]}}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType, get_named_type, is_non_null_type
from sqlalchemy.sql import operators

from database.compiled import result_processor
from projection.code import Code, Shape
from projection.fields import Column, Computed, Entity, Kept, Many, One, Part
from projection.lists import Child, Level
from projection.plain import plain
from projection.registry import Registry
from projection.selection import Operation, Selected, select
from projection.statements import wire


@dataclass(slots=True)
class Scope:
    """An entity's table as it stands in one statement, and what is joined to it there.

    ``said`` overrides where single columns are found: those of an object kept in a row. ``same``
    are columns that need not be selected, as they equal those of the scope that is joined to this.
    """

    level: Level
    entity: Entity
    table: sa.FromClause
    said: Mapping[str, str] | None = None
    same: Mapping[str, tuple[Scope, sa.ColumnElement[Any]]] = field(default_factory=dict)
    _joined: dict[sa.FromClause, sa.FromClause] = field(default_factory=dict)

    def at(self, column: sa.ColumnElement[Any]) -> int:
        home = cast("sa.Column[Any]", column).table
        if home is not self.entity.table:
            return self.level.add(self.joined(home), column)
        if str(column.key) in self.same:
            other, theirs = self.same[str(column.key)]
            return other.at(theirs)
        return self.level.add(self.table, column)

    def joined(self, home: sa.FromClause) -> sa.FromClause:
        if home not in self._joined:
            other = fresh(home)
            self.level.source = self.level.source.outerjoin(
                other, self.entity.joins[home](self.table, other)
            )
            self._joined[home] = other
        return self._joined[home]

    def one(self, target: Entity, home: sa.FromClause, but: sa.ColumnElement[Any] | None) -> Scope:
        """The joined row as a scope of its own, which has all its columns ``but`` one for ours."""
        other = self.joined(home)
        condition = self.entity.joins[home](self.table, other)
        same = {
            str(theirs.key): (self, self.entity.table.c[str(ours.key)])
            for theirs, ours in _equal(condition)
            if theirs.table is other and ours.table is self.table
            if but is None or theirs.key != but.key
        }
        return Scope(self.level, target, other, same=same)


def _equal(condition: sa.ColumnElement[bool]) -> Iterable[tuple[sa.Column[Any], sa.Column[Any]]]:
    """The pairs of columns that a condition says to be equal, besides whatever else it says."""
    is_list = isinstance(condition, sa.BooleanClauseList) and condition.operator is operators.and_
    for one in condition.clauses if is_list else (condition,):
        if isinstance(one, sa.BinaryExpression) and one.operator is operators.eq:
            left, right = one.left, one.right
            if isinstance(left, sa.Column) and isinstance(right, sa.Column):
                yield left, right
                yield right, left


class Planner:
    """Plans the selections of one operation."""

    def __init__(self, registry: Registry, operation: Operation, dialect: sa.Dialect) -> None:
        self.registry = registry
        self.operation = operation
        self.dialect = dialect

    def scope(self, entity: str) -> Scope:
        """A new statement over the entity's own table, so that a caller can narrow it."""
        found = self.registry.entities[entity]
        return Scope(Level(found.table), found, found.table)

    def shape(self, scope: Scope, nodes: Iterable[FieldNode]) -> Shape:
        """Plan one object; the function turns its row into the answer's object."""
        code = Code()
        return code.shape(self.object(code, scope, nodes))

    def object(self, code: Code, scope: Scope, nodes: Iterable[FieldNode]) -> str:
        """The expression for one object."""
        kind = self.operation.schema.get_type(scope.entity.name)
        return self._object(code, scope, cast("GraphQLObjectType", kind), nodes)

    def _object(
        self, code: Code, scope: Scope, kind: GraphQLObjectType, nodes: Iterable[FieldNode]
    ) -> str:
        parts = [
            f"{chosen.key!r}: {self._field(code, scope, kind, chosen)}"
            for chosen in select(self.operation, kind, nodes)
        ]
        if not scope.level.columns:  # a statement must select something
            scope.level.add(scope.table, next(iter(scope.table.c)))
        return "{" + ", ".join(parts) + "}"

    def _field(  # noqa: PLR0911 - one for each kind of field
        self, code: Code, scope: Scope, kind: GraphQLObjectType, chosen: Selected
    ) -> str:
        if chosen.name == "__typename":
            return repr(kind.name)
        fetch = self.registry.entities[kind.name].fields[chosen.name]
        match fetch:
            case Column(column, None):
                return self._value(code, scope, column, wire)
            case Column(column, convert):
                value = code.call(convert, self._value(code, scope, column, result_processor))
                return self._if(kind, chosen, self._raw(scope, column), value)
            case Computed():
                return self._computed(code, scope, kind, chosen, fetch)
            case Part(entity, present):
                part = cast("GraphQLObjectType", self.operation.schema.get_type(entity))
                inner = self._object(code, scope, part, chosen.nodes)
                return inner if present is None else _unless_null(self._raw(scope, present), inner)
            case One():
                return self._one(code, scope, kind, chosen, fetch)
            case Kept():
                return self._kept(code, scope, chosen, fetch)
            case Many():
                return self._many(scope, kind, chosen, fetch)

    def _one(
        self, code: Code, scope: Scope, kind: GraphQLObjectType, chosen: Selected, fetch: One
    ) -> str:
        target = self.registry.entities[fetch.entity]
        is_there = is_non_null_type(kind.fields[chosen.name].type)
        # Of one that may be missing a key is selected anyway, to tell.
        there = scope.one(target, fetch.table, but=None if is_there else _last_key(target))
        inner = self.object(code, there, chosen.nodes)
        return inner if is_there else _unless_null(f"row[{there.at(_last_key(target))}]", inner)

    @staticmethod
    def _if(kind: GraphQLObjectType, chosen: Selected, raw: str, value: str) -> str:
        """The value, null with what it is made of, if it may be null at all."""
        is_there = is_non_null_type(kind.fields[chosen.name].type)
        return value if is_there else _unless_null(raw, value)

    def _raw(self, scope: Scope, column: sa.ColumnElement[Any]) -> str:
        said = (scope.said or {}).get(str(column.key))
        return said if said is not None else f"row[{scope.at(column)}]"

    def _value(
        self,
        code: Code,
        scope: Scope,
        column: sa.ColumnElement[Any],
        how: Callable[[Any, sa.Dialect], Callable[[Any], Any] | None],
    ) -> str:
        said = (scope.said or {}).get(str(column.key))
        if said is not None:
            return said  # out of JSON, where values are already as the API says them
        return code.call(how(column.type, self.dialect), f"row[{scope.at(column)}]")

    def _computed(
        self, code: Code, scope: Scope, kind: GraphQLObjectType, chosen: Selected, fetch: Computed
    ) -> str:
        values = [self._value(code, scope, column, result_processor) for column in fetch.needs]
        call = f"{code.name(fetch.value)}({', '.join(['given', *values])})"
        named = get_named_type(kind.fields[chosen.name].type)
        finish = plain(self.registry, self.operation, named, chosen.nodes)
        return code.call(finish, call)

    def _kept(self, code: Code, scope: Scope, chosen: Selected, fetch: Kept) -> str:
        target = self.registry.entities[fetch.entity]
        said = {str(column.key): f"one[{str(column.key)!r}]" for column in target.table.c}
        for theirs, ours in fetch.shared.items():
            said[str(theirs.key)] = self._raw(scope, ours)
        inner = self.object(code, Scope(scope.level, target, target.table, said), chosen.nodes)
        return f"[{inner} for one in {self._value(code, scope, fetch.column, result_processor)}]"

    def _many(self, scope: Scope, kind: GraphQLObjectType, chosen: Selected, fetch: Many) -> str:
        target = self.registry.entities[fetch.entity]
        table = fresh(target.table)
        below = Scope(Level(table), target, table)
        through = table
        if fetch.through is not None:
            through = fresh(cast("sa.Column[Any]", fetch.child[0]).table)
            below.level.source = through.join(table, fetch.through(through, table))
        keys = tuple(through.c[str(column.key)] for column in fetch.child)
        for column in fetch.child:
            below.level.add(through, column)
        inner = self.shape(below, chosen.nodes)
        number = len(scope.level.children)
        scope.level.children.append(
            Child(
                fetch=fetch,
                level=below.level,
                shape=inner,
                table=table,
                keys=keys,
                order_by=[table.c[str(column.key)] for column in fetch.order_by],
                parent_at=tuple(scope.at(column) for column in (*fetch.parent, *fetch.beside)),
                arguments=chosen.arguments(kind.fields[chosen.name]),
            )
        )
        key = "".join(f"row[{scope.at(column)}], " for column in fetch.parent)
        return f"lists[{number}].get(({key}), [])"


def fresh(table: sa.FromClause) -> sa.FromClause:
    """The table under a name of its own."""
    return (table.element if isinstance(table, sa.Alias) else table).alias()


def _last_key(entity: Entity) -> sa.ColumnElement[Any]:
    table = entity.table.element if isinstance(entity.table, sa.Alias) else entity.table
    return list(cast("sa.Table", table).primary_key.columns)[-1]


def _unless_null(raw: str, value: str) -> str:
    return f"(None if {raw} is None else {value})"
