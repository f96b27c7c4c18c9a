"""What a resolver answered with becomes what the client asked for: sources are fetched and shaped.

The ordinary execution then only walks over shaped rows.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import sqlalchemy as sa
from graphql import GraphQLList, GraphQLObjectType, GraphQLResolveInfo, get_named_type
from graphql.type import get_nullable_type
from strawberry.dataloader import DataLoader

from domain.refusals import BadInput
from domain.text import Text
from projection.conditions import Conditions
from projection.pages import BadPage, Order, Window
from projection.plan import Planner
from projection.registry import Registry
from projection.selection import Operation
from projection.sources import All, Everything, One, Ones, Page, Pages, Plans
from projection.statements import Rows
from resolvers.context import Context

T = TypeVar("T")

PLANS: Final = "plans"
"""Where the parts of one answer find the plans of their document."""


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
    place = Place.of(info)
    shaped = await (_one(value, place) if isinstance(value, One) else place.fetch(value))
    return None if shaped is None else Shaped(shaped)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an operation a source stands: what is asked of it, and whose plans serve it."""

    path: tuple[str, ...]
    context: Context
    operation: Operation
    plans: Plans
    registry: Registry
    return_type: Any  # Any: graphql-core's types have no common base
    nodes: Any

    @classmethod
    def of(cls, info: Info) -> "Place":
        context: Context = info.context
        plans = context.shared.get(PLANS)
        return cls(
            path=tuple(key for key in info.path.as_list() if isinstance(key, str)),
            context=context,
            operation=Operation.of(info),
            plans=Plans() if plans is None else plans,
            registry=cast("Registry", info.schema.extensions["projection"]),
            return_type=info.return_type,
            nodes=info.field_nodes,
        )

    async def fetch(self, source: All | Page) -> Answer:
        """Raises BadInput for a cursor that is none."""
        async with self.context.rows() as rows:
            return await self.fetch_by(rows, source)

    async def fetch_by(self, rows: Rows, source: Answer) -> Answer:
        """Whatever the source is; raises BadInput for a cursor that is none."""
        match source:
            case One():
                return (await self.fetch_ones(rows, [source]))[0]
            case All():
                everything = self._everything(rows, source)
                return await everything.fetch(rows, source, self.context, self.operation.variables)
            case Page():
                return await self._fetch_page(rows, source)
            case _:
                return await self._fetch_list(rows, source)

    async def _fetch_page(self, rows: Rows, source: Page) -> Answer:
        pages = self._pages(rows, source)
        try:
            return await pages.fetch(rows, source, self.context, self.operation.variables)
        except BadPage as bad:
            raise BadInput((bad.argument,), Text(str(bad), str(bad))) from bad

    async def _fetch_list(self, rows: Rows, asked: list[One]) -> list[Answer]:
        """Objects that are asked for in one place, those of each entity in one statement."""
        by_entity: dict[str, list[One]] = {}
        for one in asked:
            by_entity.setdefault(one.entity, []).append(one)
        found = {
            entity: iter(await self.fetch_ones(rows, ones)) for entity, ones in by_entity.items()
        }
        return [next(found[one.entity]) for one in asked]

    async def fetch_ones(self, rows: Rows, asked: list[One]) -> list[Answer]:
        entity = asked[0].entity
        plan = self._plan(
            (Ones, rows.dialect.name, entity),
            lambda: Ones(self._planner(rows), entity, self._item(), self.nodes),
        )
        return await plan.fetch(rows, asked, self.context, self.operation.variables)

    def _everything(self, rows: Rows, source: All) -> Everything:
        return self._plan(
            (Everything, rows.dialect.name, source.entity),
            lambda: Everything(self._planner(rows), source.entity, source.order_by, self.nodes),
        )

    def _pages(self, rows: Rows, source: Page) -> Pages:
        def made() -> Pages:
            kind = cast("GraphQLObjectType", get_named_type(self.return_type))
            return Pages(self._planner(rows), source.entity, source.order, kind, self.nodes)

        key = (Pages, rows.dialect.name, source.entity, source.order.name)
        return self._plan(key, made)

    def _plan(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        return self.plans.find(self.operation, (self.path, *key), make)

    def _planner(self, rows: Rows) -> Planner:
        return Planner(self.registry, self.operation, rows.dialect)

    def _item(self) -> Any:  # Any: see return_type
        kind = get_nullable_type(self.return_type)
        return kind.of_type if isinstance(kind, GraphQLList) else kind


async def _one(one: One, place: Place) -> Answer:
    """Objects that are asked for in one place of the query come in one statement."""
    key = (place.path, one.entity)
    loader = place.context.shared.get(key)
    if loader is None:

        async def load(asked: list[One]) -> list[Answer]:
            async with place.context.rows() as rows:
                return await place.fetch_ones(rows, asked)

        loader = DataLoader(load_fn=load, cache_key_fn=lambda one: (one.entity, one.key))
        place.context.shared[key] = loader
    return await loader.load(one)
