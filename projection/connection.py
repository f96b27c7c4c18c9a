"""Shapes the fields of a connection: edges, nodes, page info and the total."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import FieldNode, GraphQLObjectType, get_named_type

from database.compiled import Row
from projection.fields import RequestContext
from projection.pages import Order
from projection.planner import Planner
from projection.scope import Scope
from projection.selection import SelectedField, select
from projection.shape_compiler import ChildLists, Shape


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """The rows of one page, and what the page info says of it."""

    rows: Sequence[Row]
    has_next: bool
    has_previous: bool
    total: int | None
    lists: ChildLists
    context: RequestContext


ShapePage = Callable[[FetchedPage], Any]
"""Shapes one field of a connection."""


class ConnectionShaper:
    """Makes what shapes the fields of one connection type."""

    def __init__(
        self, planner: Planner, scope: Scope, order: Order, type_: GraphQLObjectType
    ) -> None:
        self._planner = planner
        self._scope = scope
        self._order = order
        self._type = type_

    def entries(self, fields: Iterable[SelectedField]) -> list[tuple[str, ShapePage]]:
        """The keys of the answer, each with what shapes its value."""
        return [(field.key, self._field(field.name, field.nodes)) for field in fields]

    def _field(self, name: str, nodes: Sequence[FieldNode]) -> ShapePage:
        match name:
            case "__typename":
                return lambda _page: self._type.name
            case "totalCount":
                return lambda page: page.total
            case "nodes":
                return _nodes(self._planner.shape(self._scope, nodes))
            case "edges":
                return self._edges(nodes)
            case _:
                return self._page_info(nodes)

    def _edges(self, nodes: Sequence[FieldNode]) -> ShapePage:
        type_ = cast("GraphQLObjectType", get_named_type(self._type.fields["edges"].type))
        entries: list[tuple[str, Shape]] = []
        for field in select(self._planner.operation, type_, nodes):
            match field.name:
                case "__typename":
                    entries.append((field.key, lambda _row, _lists, _context: type_.name))
                case "cursor":
                    entries.append((field.key, _cursor_shape(self._cursor())))
                case _:
                    entries.append((field.key, self._planner.shape(self._scope, field.nodes)))
        if len(entries) == 1:
            [(key, shape)] = entries
            return lambda page: [{key: shape(row, page.lists, page.context)} for row in page.rows]
        return lambda page: [
            {key: shape(row, page.lists, page.context) for key, shape in entries}
            for row in page.rows
        ]

    def _page_info(self, nodes: Sequence[FieldNode]) -> ShapePage:
        type_ = cast("GraphQLObjectType", get_named_type(self._type.fields["pageInfo"].type))
        entries: list[tuple[str, ShapePage]] = []
        for field in select(self._planner.operation, type_, nodes):
            match field.name:
                case "__typename":
                    entries.append((field.key, lambda _page: type_.name))
                case "hasNextPage":
                    entries.append((field.key, lambda page: page.has_next))
                case "hasPreviousPage":
                    entries.append((field.key, lambda page: page.has_previous))
                case "startCursor":
                    entries.append((field.key, _cursor_of_row(self._cursor(), 0)))
                case _:
                    entries.append((field.key, _cursor_of_row(self._cursor(), -1)))
        return lambda page: {key: shape(page) for key, shape in entries}

    def _cursor(self) -> Callable[[Row], str]:
        """Return what encodes a row's cursor; only then are the order's columns selected."""
        order, dialect = self._order, self._planner.dialect
        indexes = [self._scope.index_of(column) for column in order.columns]
        read = order.value_reader(dialect)
        return lambda row: order.encode_cursor(read([row[index] for index in indexes]))


def _nodes(shape: Shape) -> ShapePage:
    def shape_nodes(page: FetchedPage) -> list[Any]:
        lists, context = page.lists, page.context
        return [shape(row, lists, context) for row in page.rows]

    return shape_nodes


def _cursor_shape(cursor: Callable[[Row], str]) -> Shape:
    return lambda row, _lists, _context: cursor(row)


def _cursor_of_row(cursor: Callable[[Row], str], index: int) -> ShapePage:
    return lambda page: cursor(page.rows[index]) if page.rows else None
