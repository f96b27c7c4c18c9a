"""What a resolver answered with becomes what the client asked for: sources are fetched and shaped.

The ordinary execution then only walks over shaped rows.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from graphql import GraphQLList, GraphQLObjectType, GraphQLResolveInfo, get_named_type
from graphql.type import get_nullable_type
from strawberry.dataloader import DataLoader

from domain.refusals import BadInput
from domain.text import Text
from projection.pages import BadPage, Order, Window
from projection.plan import Planner, Registry
from projection.selection import Operation
from projection.sources import All, Conditions, One, Page, fetch_all, fetch_ones, fetch_page
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Shaped:
    """What the projection made: an answer down to its leaves."""

    value: Any


Info = GraphQLResolveInfo[Context]
Answer = Any
"""A source, or a value that is an answer already. Any: the API's types say what it is."""


# A resolver's type says what the client gets; a source stands for it until it is fetched: Any.


def one(entity: str, key: tuple[Any, ...], where: Conditions = ()) -> Answer:
    """One object by its key, null if there is none that meets the conditions."""
    return One(entity, key, where)


def every(entity: str, where: Conditions, *order_by: sa.ColumnElement[Any]) -> Answer:
    """Every row that meets the conditions."""
    return All(entity, where, order_by)


def page(entity: str, where: Conditions, order: Order, window: Window) -> Answer:
    """One page of a connection."""
    return Page(entity, where, order, window)


def is_source(value: object) -> bool:
    """Whether there is something to fetch."""
    if isinstance(value, list):
        return any(isinstance(one, One) for one in value)
    return isinstance(value, One | All | Page)


async def answer(value: Answer, info: Info) -> Answer:
    """Fetch and shape a source for the selection at hand; anything else is handed on."""
    if not is_source(value):
        return value
    if isinstance(value, list):
        return await asyncio.gather(*(answer(one, info) for one in value))
    shaped = await (_one(value, info) if isinstance(value, One) else _many(value, info))
    return None if shaped is None else Shaped(shaped)


async def _many(value: All | Page, info: Info) -> Answer:
    context: Context = info.context
    async with context.read() as connection:
        if isinstance(value, All):
            return await fetch_all(connection, _planner(info), value, info.field_nodes)
        kind = cast("GraphQLObjectType", get_named_type(info.return_type))
        try:
            return await fetch_page(connection, _planner(info), value, kind, info.field_nodes)
        except BadPage as bad:
            raise BadInput((bad.argument,), Text(str(bad), str(bad))) from bad


async def _one(one: One, info: Info) -> Answer:
    """Objects that are asked for in one place of the query come in one statement."""
    context: Context = info.context
    place = (tuple(key for key in info.path.as_list() if isinstance(key, str)), one.entity)
    loader = context.shared.get(place)
    if loader is None:
        context.shared[place] = loader = DataLoader(load_fn=_load_ones(info), cache_key_fn=_key)
    return await loader.load(one)


def _load_ones(info: Info) -> Any:  # Any: a coroutine function for the loader
    async def load(asked: list[One]) -> list[Answer]:
        context: Context = info.context
        async with context.read() as connection:
            return await fetch_ones(
                connection, _planner(info), asked, _item(info), info.field_nodes
            )

    return load


def _item(info: Info) -> Any:  # Any: graphql-core's types have no common base
    kind = get_nullable_type(info.return_type)
    return kind.of_type if isinstance(kind, GraphQLList) else kind


def _key(one: One) -> tuple[str, Any]:
    return one.entity, one.key


def _planner(info: Info) -> Planner:
    registry = cast("Registry", info.schema.extensions["projection"])
    return Planner(registry, Operation.of(info), info.context)
