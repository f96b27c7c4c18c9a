"""What a resolver answered with becomes what the client asked for: sources are fetched and shaped.

The ordinary execution then walks over shaped rows.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from graphql import GraphQLList, GraphQLObjectType, GraphQLResolveInfo, get_named_type
from graphql.type import get_nullable_type
from strawberry.dataloader import DataLoader

from domain.refusals.refusal import BadInput
from domain.text import Text
from projection.conditions import Conditions
from projection.pages import BadPage, Order, Window
from projection.plan import Planner
from projection.registry import Registry
from projection.selection import Operation
from projection.sources import All, AtHand, Everything, One, Ones, Page, Pages, Plans
from projection.statements import StatementRunner
from projection.variables import Variables
from resolvers.context import Context

PLANS: Final = "plans"
"""Where the parts of one answer find the plans of their document."""


Info = GraphQLResolveInfo[Context]
Answer = Any
"""A source, or a value that is an answer already. Any: the API's types say what it is."""


# A resolver's type says what the client gets; a source stands for it until it is fetched: Any.


def one(
    entity: str, key: tuple[Any, ...], where: Conditions = (), at_hand: AtHand | None = None
) -> Answer:
    """One object by its key, null if there is none that meets the conditions."""
    return One(entity, key, where, at_hand)


def every(entity: str, where: Conditions, *order_by: sa.ColumnElement[Any]) -> Answer:
    """Every row that meets the conditions."""
    return All(entity, where, order_by)


def page(entity: str, where: Conditions, order: Order, window: Window) -> Answer:
    """One page of a connection."""
    return Page(entity, where, order, window)


_SOURCES: Final = (One, All, Page)


def is_source(value: object) -> bool:
    """Whether there is something to fetch."""
    if isinstance(value, list):
        return any(isinstance(one, One) for one in value)
    return isinstance(value, _SOURCES)


async def answer(value: Answer, info: Info) -> Answer:
    """Fetch and shape a source for the selection at hand; anything else is handed on."""
    if not is_source(value):
        return value
    if isinstance(value, list):
        return await asyncio.gather(*(answer(one, info) for one in value))
    place = _place_of(info)
    if isinstance(value, One):
        return await _one(value, place, info)
    async with info.context.rows() as rows:
        return await place.fetch(rows, value, info.context, place.operation.variables)


Find = Callable[[tuple[Any, ...], Callable[[], Any]], Any]
"""The plan for a key; what makes one is called where there is none."""


@dataclass(frozen=True, slots=True)
class FieldPlans:
    """Where in an operation a source stands: what is asked of it, and the plans that serve it.

    Of the operation's variables only those count that decide what is asked.
    """

    path: tuple[str, ...]
    operation: Operation
    registry: Registry
    return_type: Any  # Any: graphql-core's types have no common base
    nodes: Any
    find: Find

    def fetch(
        self, rows: StatementRunner, source: Answer, given: Context, variables: Variables
    ) -> Awaitable[Answer]:
        """Whatever the source is; raises BadInput for a cursor that is none."""
        match source:
            case One():
                return self._ones(rows.dialect, source.entity).fetch_one(
                    rows, source, given, variables
                )
            case All():
                return self._everything(rows, source).fetch(rows, source, given, variables)
            case Page():
                return self._fetch_page(rows, source, given, variables)
            case _:
                return self._fetch_list(rows, source, given, variables)

    async def fetch_ones(
        self, rows: StatementRunner, asked: list[One], given: Context, variables: Variables
    ) -> list[Answer]:
        """Objects of one entity, in one statement."""
        plan = self._ones(rows.dialect, asked[0].entity)
        return await plan.fetch(rows, asked, given, variables)

    def shows(self, source: Answer) -> bool:
        """Whether the source has at hand all that is asked of it."""
        at_hand = source.at_hand if type(source) is One else None
        return at_hand is not None and self._ones(at_hand.dialect, source.entity).shows(source)

    def show(self, source: One, given: Context) -> Answer:
        """The answer of a source that has it at hand."""
        at_hand = cast("AtHand", source.at_hand)
        return self._ones(at_hand.dialect, source.entity).show(at_hand, given)

    def _ones(self, dialect: sa.Dialect, entity: str) -> Ones:
        plan: Ones = self.find(
            (Ones, dialect.name, entity),
            lambda: Ones(self._planner(dialect), entity, self._item(), self.nodes),
        )
        return plan

    async def _fetch_page(
        self, rows: StatementRunner, source: Page, given: Context, variables: Variables
    ) -> Answer:
        pages = self._pages(rows, source)
        try:
            return await pages.fetch(rows, source, given, variables)
        except BadPage as bad:
            raise BadInput((bad.argument,), Text(str(bad), str(bad))) from bad

    async def _fetch_list(
        self, rows: StatementRunner, asked: list[One], given: Context, variables: Variables
    ) -> list[Answer]:
        """Objects that are asked for in one place, those of each entity in one statement."""
        by_entity: dict[str, list[One]] = {}
        for one in asked:
            by_entity.setdefault(one.entity, []).append(one)
        found = {
            entity: iter(await self.fetch_ones(rows, ones, given, variables))
            for entity, ones in by_entity.items()
        }
        return [next(found[one.entity]) for one in asked]

    def _everything(self, rows: StatementRunner, source: All) -> Everything:
        plan: Everything = self.find(
            (Everything, rows.dialect.name, source.entity),
            lambda: Everything(
                self._planner(rows.dialect), source.entity, source.order_by, self.nodes
            ),
        )
        return plan

    def _pages(self, rows: StatementRunner, source: Page) -> Pages:
        def made() -> Pages:
            kind = cast("GraphQLObjectType", get_named_type(self.return_type))
            return Pages(self._planner(rows.dialect), source.entity, source.order, kind, self.nodes)

        plan: Pages = self.find((Pages, rows.dialect.name, source.entity, source.order.name), made)
        return plan

    def _planner(self, dialect: sa.Dialect) -> Planner:
        return Planner(self.registry, self.operation, dialect)

    def _item(self) -> Any:  # Any: see return_type
        kind = get_nullable_type(self.return_type)
        return kind.of_type if isinstance(kind, GraphQLList) else kind


def _place_of(info: Info) -> FieldPlans:
    plans: Plans | None = info.context.shared.get(PLANS)
    if plans is None:
        plans = Plans()
    path = tuple(key for key in info.path.as_list() if isinstance(key, str))
    operation = Operation.of(info)
    return FieldPlans(
        path=path,
        operation=operation,
        registry=cast("Registry", info.schema.extensions["projection"]),
        return_type=info.return_type,
        nodes=info.field_nodes,
        find=found_in(plans, operation, path),
    )


def found_in(plans: Plans, operation: Operation, path: tuple[str, ...]) -> Find:
    """The plans of a place among those of its document."""
    name, variables = operation.name, operation.variables
    return lambda key, make: plans.find(name, variables, (path, *key), make)


async def _one(one: One, place: FieldPlans, info: Info) -> Answer:
    """Objects that are asked for in one place of the query come in one statement."""
    context = info.context
    key = (place.path, one.entity)
    loader = context.shared.get(key)
    if loader is None:

        async def load(asked: list[One]) -> list[Answer]:
            async with context.rows() as rows:
                return await place.fetch_ones(rows, asked, context, place.operation.variables)

        loader = DataLoader(load_fn=load, cache_key_fn=lambda one: (one.entity, one.key))
        context.shared[key] = loader
    return await loader.load(one)
