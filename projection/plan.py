"""A selection becomes one statement per list it asks for, and a function that shapes the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from projection.fields import Column, Computed, Entity, Given, Many, One, Part
from projection.selection import Operation, Selected, select

Row = Sequence[Any]
Key = tuple[Any, ...]
Lists = dict[int, dict[Key, list[Any]]]
Shape = Callable[[Row, Lists, Given], Any]


class Typed(dict[str, Any]):
    """A shaped object whose type an interface leaves open."""

    __slots__ = ("type_name",)

    def __init__(self, shaped: Mapping[str, Any], type_name: str) -> None:
        super().__init__(shaped)
        self.type_name = type_name


@dataclass(frozen=True, slots=True)
class Registry:
    """All that the planner knows of the schema's types.

    ``attributes`` names, for types that are plain objects, the attribute behind each field;
    ``type_of`` tells the type of a plain object where the schema leaves it open.
    """

    entities: Mapping[str, Entity]
    attributes: Callable[[str, str], str]
    type_of: Callable[[object], str]


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

    def statement(self) -> sa.Select[Any]:
        labelled = [column.label(f"c{at}") for at, column in enumerate(self.columns)]
        return sa.select(*labelled).select_from(self.source)


@dataclass(frozen=True, slots=True)
class Child:
    """A list below the rows of a level."""

    level: Level
    shape: Shape
    statement: sa.Select[Any]
    parent_at: tuple[int, ...]
    keys: tuple[sa.ColumnElement[Any], ...]


@dataclass(slots=True)
class Scope:
    """An entity's table as it stands in one statement, and what is joined to it there."""

    level: Level
    entity: Entity
    table: sa.FromClause
    _joined: dict[sa.FromClause, sa.FromClause] = field(default_factory=dict)

    def at(self, column: sa.ColumnElement[Any]) -> int:
        home = cast("sa.Column[Any]", column).table
        return self.level.add(
            self.table if home is self.entity.table else self.joined(home), column
        )

    def joined(self, home: sa.FromClause) -> sa.FromClause:
        if home not in self._joined:
            other = _fresh(home)
            self.level.source = self.level.source.outerjoin(
                other, self.entity.joins[home](self.table, other)
            )
            self._joined[home] = other
        return self._joined[home]


class Planner:
    """Plans the selections of one operation."""

    def __init__(self, registry: Registry, operation: Operation, given: Given) -> None:
        self.registry = registry
        self.operation = operation
        self.given = given

    def scope(self, entity: str) -> Scope:
        """A new statement over the entity's own table, so that a caller can narrow it."""
        found = self.registry.entities[entity]
        return Scope(Level(found.table), found, found.table)

    def shape(self, scope: Scope, nodes: Iterable[FieldNode]) -> Shape:
        """Plan one object; the function turns its row into the answer's object."""
        kind = self.operation.schema.get_type(scope.entity.name)
        return self._object(scope, cast("GraphQLObjectType", kind), nodes)

    def _object(self, scope: Scope, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> Shape:
        keys: list[str] = []
        places: list[int | None] = []
        patches: list[tuple[str, Shape]] = []
        for chosen in select(self.operation, kind, nodes):
            keys.append(chosen.key)
            found = self._field(scope, kind, chosen)
            if isinstance(found, int):
                places.append(found)
            else:
                places.append(None)
                patches.append((chosen.key, found))
        if not scope.level.columns:  # a statement must select something
            scope.level.add(scope.table, next(iter(scope.table.c)))
        return _shaper(tuple(keys), [place or 0 for place in places], patches)

    def _field(  # noqa: PLR0911 - one for each kind of field
        self, scope: Scope, kind: GraphQLObjectType, chosen: Selected
    ) -> int | Shape:
        if chosen.name == "__typename":
            return lambda _row, _lists, _given: kind.name
        fetch = self.registry.entities[kind.name].fields[chosen.name]
        match fetch:
            case Column(column, None):
                return scope.at(column)
            case Column(column, convert):
                return _converted(scope.at(column), cast("Callable[[Any], Any]", convert))
            case Computed():
                return self._computed(scope, kind, chosen, fetch)
            case Part(entity, present):
                part = cast("GraphQLObjectType", self.operation.schema.get_type(entity))
                inner = self._object(scope, part, chosen.nodes)
                return inner if present is None else _if_present(scope.at(present), inner)
            case One(entity, home):
                target = self.registry.entities[entity]
                there = Scope(scope.level, target, scope.joined(home))
                present_at = scope.level.add(there.table, _key_of(target))
                return _if_present(present_at, self.shape(there, chosen.nodes))
            case Many():
                return self._many(scope, kind, chosen, fetch)

    def _computed(
        self, scope: Scope, kind: GraphQLObjectType, chosen: Selected, fetch: Computed
    ) -> Shape:
        places = [scope.at(column) for column in fetch.needs]
        value = fetch.value
        finish = self.plain(get_named_type(kind.fields[chosen.name].type), chosen.nodes)
        if finish is None:
            return lambda row, _lists, given: value(given, *[row[at] for at in places])
        return lambda row, _lists, given: finish(value(given, *[row[at] for at in places]))

    def _many(self, scope: Scope, kind: GraphQLObjectType, chosen: Selected, fetch: Many) -> Shape:
        target = self.registry.entities[fetch.entity]
        table = _fresh(target.table)
        below = Scope(Level(table), target, table)
        through = table
        if fetch.through is not None:
            through = _fresh(cast("sa.Column[Any]", fetch.child[0]).table)
            below.level.source = through.join(table, fetch.through(through, table))
        keys = tuple(through.c[str(column.key)] for column in fetch.child)
        for column in fetch.child:
            below.level.add(through, column)
        inner = self.shape(below, chosen.nodes)
        order = [table.c[str(column.key)] for column in fetch.order_by]
        statement = below.level.statement()
        if fetch.where is not None:
            parent = _fresh(scope.entity.table)
            met = [
                parent.c[str(mine.key)] == key for mine, key in zip(fetch.parent, keys, strict=True)
            ]
            arguments = chosen.arguments(self.operation, kind.fields[chosen.name])
            statement = statement.join(parent, sa.and_(*met)).where(
                *fetch.where(table, parent, arguments, self.given)
            )
        number = len(scope.level.children)
        parent_at = tuple(scope.at(column) for column in fetch.parent)
        scope.level.children.append(
            Child(below.level, inner, statement.order_by(*order), parent_at, keys)
        )
        return lambda row, lists, _given: lists[number].get(_key(row, parent_at), [])

    def plain(self, kind: Any, nodes: Iterable[FieldNode]) -> Callable[[Any], Any] | None:
        """How to shape plain objects of a type, and lists of them; None for scalars."""
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return None
        nodes = tuple(nodes)
        if isinstance(kind, GraphQLObjectType):
            return _each(self._attributes(kind, nodes))
        possible = {
            one.name: self._attributes(one, nodes)
            for one in self.operation.schema.get_possible_types(kind)
        }
        type_of = self.registry.type_of

        def shape(value: Any) -> Typed:
            name = type_of(value)
            return Typed(possible[name](value), name)

        return _each(shape)

    def _attributes(
        self, kind: GraphQLObjectType, nodes: Iterable[FieldNode]
    ) -> Callable[[Any], Any]:
        getters: list[tuple[str, str, Callable[[Any], Any] | None]] = []
        for chosen in select(self.operation, kind, nodes):
            if chosen.name == "__typename":
                getters.append((chosen.key, "", lambda _value: kind.name))
                continue
            named = get_named_type(kind.fields[chosen.name].type)
            attribute = self.registry.attributes(kind.name, chosen.name)
            getters.append((chosen.key, attribute, self.plain(named, chosen.nodes)))

        def shape(value: Any) -> dict[str, Any]:
            shaped = {}
            for key, attribute, finish in getters:
                found = getattr(value, attribute) if attribute else None
                shaped[key] = found if finish is None else finish(found)
            return shaped

        return shape


async def children(
    connection: AsyncConnection, level: Level, rows: Sequence[Row], given: Given
) -> Lists:
    """Fetch every list below the rows: one statement each, for all parents together."""
    lists: Lists = {}
    for number, child in enumerate(level.children):
        grouped: dict[Key, list[Any]] = {}
        lists[number] = grouped
        # A to-one that is not there has no key, and no list below.
        parents = {key for row in rows if None not in (key := _key(row, child.parent_at))}
        if not parents:
            continue
        statement = child.statement.where(is_any_of(child.keys, sorted(parents)))
        found = (await connection.execute(statement)).all()
        below = await children(connection, child.level, found, given)
        width = len(child.keys)
        for row in found:
            grouped.setdefault(tuple(row[:width]), []).append(child.shape(row, below, given))
    return lists


def is_any_of(
    columns: Sequence[sa.ColumnElement[Any]], keys: Sequence[Key]
) -> sa.ColumnElement[bool]:
    """That the columns together are one of the keys."""
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return sa.tuple_(*columns).in_(keys)


def _key(row: Row, places: tuple[int, ...]) -> Key:
    return tuple(row[at] for at in places)


def _key_of(entity: Entity) -> sa.ColumnElement[Any]:
    return list(cast("sa.Table", _base(entity.table)).primary_key.columns)[-1]


def _base(table: sa.FromClause) -> sa.FromClause:
    return table.element if isinstance(table, sa.Alias) else table


def _fresh(table: sa.FromClause) -> sa.FromClause:
    return _base(table).alias()


def _converted(at: int, convert: Callable[[Any], Any]) -> Shape:
    def shape(row: Row, _lists: Lists, _given: Given) -> Any:
        value = row[at]
        return None if value is None else convert(value)

    return shape


def _if_present(at: int, inner: Shape) -> Shape:
    return lambda row, lists, given: None if row[at] is None else inner(row, lists, given)


def _each(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def shape(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [shape(each) for each in value]
        return None if value is None else one(value)

    return shape


def _shaper(
    keys: tuple[str, ...], places: Sequence[int], patches: Sequence[tuple[str, Shape]]
) -> Shape:
    pick = _picker(places)
    if not patches:
        return lambda row, _lists, _given: dict(zip(keys, pick(row), strict=True))

    def shape(row: Row, lists: Lists, given: Given) -> dict[str, Any]:
        # Zipped first, so that the keys stand in the order of the selection.
        shaped = dict(zip(keys, pick(row), strict=True))
        for key, patch in patches:
            shaped[key] = patch(row, lists, given)
        return shaped

    return shape


def _picker(places: Sequence[int]) -> Callable[[Row], Sequence[Any]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: [row[at] for at in places]  # itemgetter would answer the value alone
