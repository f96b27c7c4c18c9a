"""What a resolver answers with: rows to fetch, nothing fetched yet; and the plans to fetch them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, cast

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType, get_named_type, is_abstract_type

from database.batch_statement import BatchableStatement
from database.bounded_cache import BoundedCache
from database.compiled import Row, Statement
from projection.code import Lists, Shape
from projection.conditions import Conditions, Keys, Places, key_of, values_of
from projection.fields import Given
from projection.lists import Variants, below, is_settled
from projection.pages import MAX_TOTAL, Order, Window
from projection.plain import Typed
from projection.plan import Planner, Scope
from projection.selection import select
from projection.statements import StatementRunner
from projection.variables import Variables

Key = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AtHand:
    """A row of an entity's own table that somebody has already: the driver's values."""

    dialect: sa.Dialect
    row: Row
    places: Mapping[str, int]
    """Where in it the columns stand, by their names."""

    def value(self, column: sa.ColumnElement[Any]) -> Any:
        """What the driver has for a column of the table."""
        return self.row[self.places[str(column.key)]]


class One(NamedTuple):
    """One object by its key, or null. Those asked for in one place are fetched together.

    With its row ``at_hand`` it need not be fetched, if nothing but that row is asked for.
    """

    entity: str
    key: Key
    where: Conditions = ()
    at_hand: AtHand | None = None


class All(NamedTuple):
    """Every row that meets the conditions; for lists that are short by nature."""

    entity: str
    where: Conditions
    order_by: tuple[sa.ColumnElement[Any], ...]


class Page(NamedTuple):
    """One page of a connection."""

    entity: str
    where: Conditions
    order: Order
    window: Window


class Ones:
    """The plan for objects of one entity by their keys."""

    def __init__(
        self,
        planner: Planner,
        entity: str,
        kind: Any,  # Any: graphql-core's types have no common base
        nodes: Sequence[FieldNode],
    ) -> None:
        self._scope = scope = planner.scope(entity)
        self._columns = tuple(cast("sa.Table", scope.table).primary_key.columns)
        self._at = [scope.at(column) for column in self._columns]
        self._shape = planner.shape(scope, nodes)
        self._open = is_abstract_type(get_named_type(kind))
        self._keys = Keys("key", [column.type for column in self._columns])
        self._parts = [f"k{at}" for at in range(len(self._columns))]
        self._alone = Variants()
        self._together = Variants()

    async def fetch_one(
        self, rows: StatementRunner, one: One, given: Given, variables: Variables
    ) -> Any:
        """The object, null where there is none."""
        where = one.where
        statement, names = self._alone.find(
            key_of(where), lambda: self._statement_alone(rows.dialect, where)
        )
        values = values_of(names, where) if where else {}
        for part, value in zip(self._parts, one.key, strict=True):
            values[part] = value
        _, shaped = await self._found(rows, statement, values, given, variables)
        return shaped[0] if shaped else None

    async def fetch(
        self, rows: StatementRunner, asked: Sequence[One], given: Given, variables: Variables
    ) -> list[Any]:
        """The objects in the order asked for, null where there is none."""
        where = asked[0].where
        wanted = list(dict.fromkeys([one.key for one in asked]))
        if len(wanted) == 1:
            return [await self.fetch_one(rows, asked[0], given, variables)] * len(asked)
        shared = all(key[0] == wanted[0][0] for key in wanted)
        statement, names = self._together.find(
            (key_of(where), shared),
            lambda: self._statement(rows.dialect, where, shared=shared),
        )
        values = values_of(names, where) | self._keys.values(rows.dialect, wanted)
        values["first"] = wanted[0][0]
        found, shaped = await self._found(rows, statement, values, given, variables)
        by_key = {
            tuple([row[at] for at in self._at]): one for row, one in zip(found, shaped, strict=True)
        }
        return [by_key.get(one.key) for one in asked]

    async def _found(
        self,
        rows: StatementRunner,
        statement: Statement,
        values: Mapping[str, Any],
        given: Given,
        variables: Variables,
    ) -> tuple[Sequence[Row], list[Any]]:
        """The rows, and the objects that are made of them."""
        if not is_settled(self._scope.level):
            await rows.ensure_transaction()
        found = await rows.run(statement, values)
        shaped = await _shaped(rows, self._scope, self._shape, found, given, variables)
        if self._open:
            shaped = [Typed(one, self._scope.entity.name) for one in shaped]
        return found, shaped

    def shows(self, one: One) -> bool:
        """Whether the row at hand will do.

        It will not where more than the row is asked for, or the row cannot tell who may see it.
        """
        at_hand, level = one.at_hand, self._scope.level
        if at_hand is None or self._open or level.children or level.source is not self._scope.table:
            return False
        return all(
            condition.template.equal is not None
            and at_hand.value(condition.template.equal) == condition.values[0]
            for condition in one.where
        )

    def show(self, at_hand: AtHand, given: Given) -> Any:
        """The object, made of the row at hand. Any: the shape of the answer."""
        return self._shape(
            [at_hand.value(column) for column in self._scope.level.columns], (), given
        )

    def _statement_alone(
        self, dialect: sa.Dialect, where: Conditions
    ) -> tuple[Statement, Sequence[str]]:
        places = Places("w")
        met = [
            column == sa.bindparam(part)
            for part, column in zip(self._parts, self._columns, strict=True)
        ]
        statement = self._scope.level.select().where(*met, *map(places.built, where))
        return BatchableStatement(statement, dialect), places.names

    def _statement(
        self, dialect: sa.Dialect, where: Conditions, *, shared: bool
    ) -> tuple[Statement, Sequence[str]]:
        places, level = Places("w"), self._scope.level
        keys = self._keys.relation(dialect)
        met = [
            keys.c[part] == column for part, column in zip(self._parts, self._columns, strict=True)
        ]
        statement = level.select(keys.join(level.source, sa.and_(*met)))
        if shared:
            statement = statement.where(self._columns[0] == sa.bindparam("first"))
        return Statement(statement.where(*map(places.built, where)), dialect), places.names


class Everything:
    """The plan for a list that is short by nature."""

    def __init__(
        self,
        planner: Planner,
        entity: str,
        order_by: Sequence[sa.ColumnElement[Any]],
        nodes: Sequence[FieldNode],
    ) -> None:
        self._scope = planner.scope(entity)
        self._shape = planner.shape(self._scope, nodes)
        self._order_by = order_by
        self._variants = Variants()

    async def fetch(
        self, rows: StatementRunner, source: All, given: Given, variables: Variables
    ) -> list[Any]:
        where = source.where
        statement, names = self._variants.find(
            key_of(where), lambda: self._statement(rows.dialect, where)
        )
        if not is_settled(self._scope.level):
            await rows.ensure_transaction()
        found = await rows.run(statement, values_of(names, where))
        return await _shaped(rows, self._scope, self._shape, found, given, variables)

    def _statement(self, dialect: sa.Dialect, where: Conditions) -> tuple[Statement, Sequence[str]]:
        places = Places("w")
        statement = self._scope.level.select().where(*map(places.built, where))
        return Statement(statement.order_by(*self._order_by), dialect), places.names


_WITHOUT_ROWS = frozenset({"totalCount", "__typename"})


class Pages:
    """The plan for the pages of a connection, in one order."""

    def __init__(
        self,
        planner: Planner,
        entity: str,
        order: Order,
        kind: GraphQLObjectType,
        nodes: Sequence[FieldNode],
    ) -> None:
        self._planner = planner
        self._scope = planner.scope(entity)
        self._order = order
        self._kind = kind
        chosen = select(planner.operation, kind, nodes)
        self._wants_total = any(one.name == "totalCount" for one in chosen)
        self._wants_rows = any(one.name not in _WITHOUT_ROWS for one in chosen)
        self._parts = [(one.key, self._part(one.name, one.nodes)) for one in chosen]
        self._variants = Variants()
        self._totals = Variants()

    async def fetch(
        self, rows: StatementRunner, page: Page, given: Given, variables: Variables
    ) -> dict[str, Any]:
        """A connection: edges, nodes and page information in one statement, the count in another.

        Raises BadPage for a cursor that is none of this list.
        """
        where, window = page.where, page.window
        after = None if window.after is None else self._order.read(window.after, "after")
        before = None if window.before is None else self._order.read(window.before, "before")
        statement, names = self._variants.find(
            (key_of(where), after is None, before is None, window.backward),
            lambda: self._statement(rows.dialect, where, window),
        )
        values = values_of(names, where)
        values["limit"] = window.size + 1
        for end, cursor in (("after", after), ("before", before)):
            values |= {f"{end}{at}": value for at, value in enumerate(cursor or ())}
        if self._wants_total or not is_settled(self._scope.level):
            await rows.ensure_transaction()
        found = list(await rows.run(statement, values)) if self._wants_rows else []
        more = len(found) > window.size
        found = found[: window.size]
        if window.backward:
            found.reverse()
        answer = _Found(
            rows=found,
            has_next=before is not None if window.backward else more,
            has_previous=more if window.backward else after is not None,
            total=await self._total(rows, where) if self._wants_total else None,
            lists=await below(rows, self._scope.level, found, given, variables),
            given=given,
        )
        return {key: part(answer) for key, part in self._parts}

    def _statement(
        self, dialect: sa.Dialect, where: Conditions, window: Window
    ) -> tuple[Statement, Sequence[str]]:
        places, order = Places("w"), self._order
        self._scope.at(order.columns[0])  # where nothing but the page's ends is asked for
        statement = self._scope.level.select().where(*map(places.built, where))
        if window.after is not None:
            statement = statement.where(order.beyond("after", reverse=False))
        if window.before is not None:
            statement = statement.where(order.beyond("before", reverse=True))
        statement = statement.order_by(*order.by(reverse=window.backward))
        limited = statement.limit(sa.bindparam("limit", type_=sa.Integer))
        return Statement(limited, dialect), places.names

    async def _total(self, rows: StatementRunner, where: Conditions) -> int:
        """Counted to ``MAX_TOTAL``, so that a long list costs no more than that."""
        statement, names = self._totals.find(
            key_of(where), lambda: self._counting(rows.dialect, where)
        )
        return int((await rows.run(statement, values_of(names, where)))[0][0])

    def _counting(self, dialect: sa.Dialect, where: Conditions) -> tuple[Statement, Sequence[str]]:
        places = Places("w")
        found = sa.select(sa.literal(1).label("one")).select_from(self._scope.entity.table)
        some = found.where(*map(places.built, where)).limit(MAX_TOTAL).subquery()
        counted = sa.select(sa.func.count()).select_from(some)
        return Statement(counted, dialect), places.names

    def _part(self, name: str, nodes: Sequence[FieldNode]) -> _Part:
        match name:
            case "__typename":
                return lambda _found: self._kind.name
            case "totalCount":
                return lambda found: found.total
            case "nodes":
                return _listed(self._planner.shape(self._scope, nodes))
            case "edges":
                return self._edges(nodes)
            case _:
                return self._page_info(nodes)

    def _edges(self, nodes: Sequence[FieldNode]) -> _Part:
        edge = cast("GraphQLObjectType", get_named_type(self._kind.fields["edges"].type))
        parts: list[tuple[str, Shape]] = []
        for chosen in select(self._planner.operation, edge, nodes):
            match chosen.name:
                case "__typename":
                    parts.append((chosen.key, lambda _row, _lists, _given: edge.name))
                case "cursor":
                    parts.append((chosen.key, _of_row(self._cursor())))
                case _:
                    parts.append((chosen.key, self._planner.shape(self._scope, chosen.nodes)))
        if len(parts) == 1:
            [(key, shape)] = parts
            return lambda found: [{key: shape(row, found.lists, found.given)} for row in found.rows]
        return lambda found: [
            {key: part(row, found.lists, found.given) for key, part in parts} for row in found.rows
        ]

    def _page_info(self, nodes: Sequence[FieldNode]) -> _Part:
        info = cast("GraphQLObjectType", get_named_type(self._kind.fields["pageInfo"].type))
        parts: list[tuple[str, _Part]] = []
        for chosen in select(self._planner.operation, info, nodes):
            match chosen.name:
                case "__typename":
                    parts.append((chosen.key, lambda _found: info.name))
                case "hasNextPage":
                    parts.append((chosen.key, lambda found: found.has_next))
                case "hasPreviousPage":
                    parts.append((chosen.key, lambda found: found.has_previous))
                case "startCursor":
                    parts.append((chosen.key, _end(self._cursor(), 0)))
                case _:
                    parts.append((chosen.key, _end(self._cursor(), -1)))
        return lambda found: {key: part(found) for key, part in parts}

    def _cursor(self) -> Callable[[Row], str]:
        """Only where it is asked for are the columns of the order selected."""
        order, dialect = self._order, self._planner.dialect
        at = [self._scope.at(column) for column in order.columns]
        read = order.reader(dialect)
        return lambda row: order.cursor(read([row[place] for place in at]))


@dataclass(frozen=True, slots=True)
class _Found:
    rows: Sequence[Row]
    has_next: bool
    has_previous: bool
    total: int | None
    lists: Lists
    given: Given


_Part = Callable[[_Found], Any]


def _listed(shape: Shape) -> _Part:
    def listed(found: _Found) -> list[Any]:
        lists, given = found.lists, found.given
        return [shape(row, lists, given) for row in found.rows]

    return listed


def _of_row(said: Callable[[Row], Any]) -> Shape:
    return lambda row, _lists, _given: said(row)


def _end(cursor: Callable[[Row], str], at: int) -> _Part:
    return lambda found: cursor(found.rows[at]) if found.rows else None


async def _shaped(
    rows: StatementRunner,
    scope: Scope,
    shape: Shape,
    found: Sequence[Row],
    given: Given,
    variables: Variables,
) -> list[Any]:
    lists = await below(rows, scope.level, found, given, variables)
    return [shape(row, lists, given) for row in found]


MAX_PLANS = 64
"""How many plans a document keeps: one for each place, order and outcome of its directives."""


@dataclass(slots=True)
class Plans:
    """The plans of one document, found again by where in an operation they are used.

    ``deciding`` names the variables that say what is included and what is skipped.
    """

    deciding: tuple[str, ...] = ()
    _made: BoundedCache[object, Any] = field(default_factory=lambda: BoundedCache(MAX_PLANS))

    def find(
        self,
        operation_name: str | None,
        variables: Variables,
        key: tuple[Any, ...],
        make: Callable[[], T],
    ) -> T:
        """The plan for the key; made, and kept, where there is none."""
        outcome: tuple[Any, ...] = ()
        if self.deciding:
            outcome = tuple([variables.coerced.get(name) for name in self.deciding])
        full = (operation_name, outcome, key)
        found = self._made.peek(full)
        if found is None:
            found = make()
            self._made.put(full, found)
        return cast("T", found)
