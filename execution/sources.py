"""Sources as resolvers return them: they name the rows, and execution fetches and shapes them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from projection.conditions import Conditions
from projection.pages import Order, PageArguments
from projection.sources import Key, ListSource, LoadedRow, ObjectSource, PageSource
from resolvers.context import Context

Value = Any
"""What a resolver returns: a source, or a value. Any: the API's types say what clients get, and a
source stands for it until it is fetched."""


@dataclass(slots=True)
class Deferred:
    """A value that is read after the resolver, and only if the answer selects its field.

    It is read before the sources of its object are fetched, so that a request holds one connection.
    """

    read: Callable[[Context], Awaitable[Value]]
    value: Value = None

    async def load(self, context: Context) -> Value:
        self.value = await self.read(context)
        return self.value


_SOURCES: Final = (ObjectSource, ListSource, PageSource)


def object_source(
    entity: str, key: Key, where: Conditions = (), loaded_row: LoadedRow | None = None
) -> Value:
    """One object by its key; null if no row meets the conditions."""
    return ObjectSource(entity, key, where, loaded_row)


def list_source(entity: str, where: Conditions, *order_by: sa.ColumnElement[Any]) -> Value:
    """Every row that meets the conditions."""
    return ListSource(entity, where, order_by)


def page_source(
    entity: str,
    where: Conditions,
    order: Order,
    arguments: PageArguments,
    *,
    total: int | None = None,
) -> Value:
    """One page of a connection. With a known ``total`` the items of the list are not counted."""
    return PageSource(entity, where, order, arguments, total)


def is_source(value: object) -> bool:
    """Whether the value is a source, or a list that holds one."""
    if isinstance(value, list):
        return any(isinstance(item, ObjectSource) for item in value)
    return isinstance(value, _SOURCES)
