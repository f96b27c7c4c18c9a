"""What a resolver answers with: which rows, in what order; and how they are fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType, get_named_type, is_abstract_type
from sqlalchemy.ext.asyncio import AsyncConnection

from projection.pages import MAX_TOTAL, Order, Window
from projection.plan import Key, Planner, Row, Scope, Shape, Typed, children, is_any_of
from projection.selection import select

Conditions = tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class One:
    """One object by its key, or null. Those asked for in one place are fetched together."""

    entity: str
    key: Key
    where: Conditions = ()


@dataclass(frozen=True, slots=True)
class All:
    """Every row that meets the conditions; for lists that are short by nature."""

    entity: str
    where: Conditions
    order_by: tuple[sa.ColumnElement[Any], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a connection."""

    entity: str
    where: Conditions
    order: Order
    window: Window


async def fetch_ones(
    connection: AsyncConnection,
    planner: Planner,
    asked: Sequence[One],
    kind: Any,
    nodes: Sequence[FieldNode],
) -> list[Any]:
    """The objects in the order asked for, null where there is none; all of one entity."""
    scope = planner.scope(asked[0].entity)
    keys = tuple(cast("sa.Table", scope.table).primary_key.columns)
    places = [scope.at(column) for column in keys]
    shape = planner.shape(scope, nodes)
    wanted = sorted({one.key for one in asked})
    statement = scope.level.statement().where(is_any_of(keys, wanted), *asked[0].where)
    rows = (await connection.execute(statement)).all()
    shaped = await _shaped(connection, planner, scope, shape, rows)
    if is_abstract_type(get_named_type(kind)):
        shaped = [Typed(one, scope.entity.name) for one in shaped]
    found = {tuple(row[at] for at in places): one for row, one in zip(rows, shaped, strict=True)}
    return [found.get(one.key) for one in asked]


async def fetch_all(
    connection: AsyncConnection, planner: Planner, source: All, nodes: Sequence[FieldNode]
) -> list[Any]:
    scope = planner.scope(source.entity)
    shape = planner.shape(scope, nodes)
    statement = scope.level.statement().where(*source.where).order_by(*source.order_by)
    rows = (await connection.execute(statement)).all()
    return await _shaped(connection, planner, scope, shape, rows)


async def fetch_page(
    connection: AsyncConnection,
    planner: Planner,
    page: Page,
    kind: GraphQLObjectType,
    nodes: Sequence[FieldNode],
) -> dict[str, Any]:
    """A connection: edges, nodes and page information in one statement, the count in another."""
    scope = planner.scope(page.entity)
    cursor_at = [scope.at(column) for column in page.order.columns]
    parts = [
        (chosen.key, _part(planner, scope, kind, chosen.name, chosen.nodes, page, cursor_at))
        for chosen in select(planner.operation, kind, nodes)
    ]
    window, order = page.window, page.order
    statement = scope.level.statement().where(*page.where)
    after = None if window.after is None else order.read(window.after, "after")
    before = None if window.before is None else order.read(window.before, "before")
    if after is not None:
        statement = statement.where(order.beyond(after, reverse=False))
    if before is not None:
        statement = statement.where(order.beyond(before, reverse=True))
    statement = statement.order_by(*order.by(reverse=window.backward)).limit(window.size + 1)
    rows = list((await connection.execute(statement)).all())
    more = len(rows) > window.size
    rows = rows[: window.size]
    if window.backward:
        rows.reverse()
    found = _Found(
        rows=rows,
        has_next=before is not None if window.backward else more,
        has_previous=more if window.backward else after is not None,
        total=await _total(connection, scope, page) if _wants_total(planner, kind, nodes) else None,
        lists=await children(connection, scope.level, rows, planner.given),
        given=planner.given,
    )
    return {key: part(found) for key, part in parts}


@dataclass(frozen=True, slots=True)
class _Found:
    rows: Sequence[Row]
    has_next: bool
    has_previous: bool
    total: int | None
    lists: Any
    given: Any


_Part = Callable[[_Found], Any]


def _part(
    planner: Planner,
    scope: Scope,
    kind: GraphQLObjectType,
    name: str,
    nodes: Sequence[FieldNode],
    page: Page,
    cursor_at: Sequence[int],
) -> _Part:
    def cursor(row: Row) -> str:
        return page.order.cursor([row[at] for at in cursor_at])

    match name:
        case "__typename":
            return lambda _found: kind.name
        case "totalCount":
            return lambda found: found.total
        case "nodes":
            shape = planner.shape(scope, nodes)
            return lambda found: [shape(row, found.lists, found.given) for row in found.rows]
        case "edges":
            return _edges(planner, scope, kind, nodes, cursor)
        case _:
            return _page_info(planner, kind, nodes, cursor)


def _edges(
    planner: Planner,
    scope: Scope,
    kind: GraphQLObjectType,
    nodes: Sequence[FieldNode],
    cursor: Callable[[Row], str],
) -> _Part:
    edge = cast("GraphQLObjectType", get_named_type(kind.fields["edges"].type))
    parts: list[tuple[str, Shape]] = []
    for chosen in select(planner.operation, edge, nodes):
        match chosen.name:
            case "__typename":
                parts.append((chosen.key, lambda _row, _lists, _given: edge.name))
            case "cursor":
                parts.append((chosen.key, lambda row, _lists, _given: cursor(row)))
            case _:
                parts.append((chosen.key, planner.shape(scope, chosen.nodes)))
    return lambda found: [
        {key: part(row, found.lists, found.given) for key, part in parts} for row in found.rows
    ]


def _page_info(
    planner: Planner,
    kind: GraphQLObjectType,
    nodes: Sequence[FieldNode],
    cursor: Callable[[Row], str],
) -> _Part:
    info = cast("GraphQLObjectType", get_named_type(kind.fields["pageInfo"].type))
    answers: dict[str, _Part] = {
        "__typename": lambda _found: info.name,
        "hasNextPage": lambda found: found.has_next,
        "hasPreviousPage": lambda found: found.has_previous,
        "startCursor": lambda found: cursor(found.rows[0]) if found.rows else None,
        "endCursor": lambda found: cursor(found.rows[-1]) if found.rows else None,
    }
    chosen = [(one.key, answers[one.name]) for one in select(planner.operation, info, nodes)]
    return lambda found: {key: answer(found) for key, answer in chosen}


def _wants_total(planner: Planner, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> bool:
    return any(one.name == "totalCount" for one in select(planner.operation, kind, nodes))


async def _total(connection: AsyncConnection, scope: Scope, page: Page) -> int:
    """Counted to ``MAX_TOTAL``, so that a long list costs no more than that."""
    found = sa.select(sa.literal(1).label("one")).select_from(scope.entity.table).where(*page.where)
    some = found.limit(MAX_TOTAL).subquery()
    counted = sa.select(sa.func.count()).select_from(some)
    return int((await connection.execute(counted)).scalar_one())


async def _shaped(
    connection: AsyncConnection, planner: Planner, scope: Scope, shape: Shape, rows: Sequence[Row]
) -> list[Any]:
    lists = await children(connection, scope.level, rows, planner.given)
    return [shape(row, lists, planner.given) for row in rows]
