"""The plans of one field of an operation: they fetch and shape the sources that it returns."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from graphql import GraphQLList, GraphQLObjectType, get_named_type
from graphql.type import get_nullable_type

from domain.refusals.refusal import BadInput
from domain.text import Text
from execution.sources import Value
from projection.list_plan import ListPlan
from projection.object_plan import ObjectPlan
from projection.page_plan import PagePlan
from projection.pages import BadPage
from projection.plan_cache import PlanCache
from projection.planner import Planner
from projection.registry import Registry
from projection.selection import Operation
from projection.sources import ListSource, LoadedRow, ObjectSource, PageSource
from projection.statements import StatementRunner
from projection.variables import Variables
from resolvers.context import Context

GetPlan = Callable[[tuple[Any, ...], Callable[[], Any]], Any]
"""Returns the plan for a key; calls the function to make it if there is none."""


def plan_getter(plans: PlanCache, operation: Operation, path: tuple[str, ...]) -> GetPlan:
    """Return what gets the plans of one field from those of its document."""
    name, variables = operation.name, operation.variables
    return lambda key, make: plans.get(name, variables, (path, *key), make)


@dataclass(frozen=True, slots=True)
class FieldPlans:
    """A field of an operation, by its path, and the plans that serve its sources.

    Of the operation's variables only those matter that decide what is selected.
    """

    path: tuple[str, ...]
    operation: Operation
    registry: Registry
    return_type: Any  # Any: graphql-core's types have no common base
    nodes: Any
    get_plan: GetPlan

    def fetch(
        self, runner: StatementRunner, source: Value, context: Context, variables: Variables
    ) -> Awaitable[Value]:
        """Fetch and shape a source, or a list of sources. Raises BadInput for a bad cursor."""
        match source:
            case ObjectSource():
                return self._object_plan(runner.dialect, source.entity, context).fetch_one(
                    runner, source, context, variables
                )
            case ListSource():
                plan = self._list_plan(runner, source, context)
                return plan.fetch(runner, source, context, variables)
            case PageSource():
                return self._fetch_page(runner, source, context, variables)
            case _:
                return self._fetch_objects(runner, source, context, variables)

    async def fetch_entity(
        self,
        runner: StatementRunner,
        sources: list[ObjectSource],
        context: Context,
        variables: Variables,
    ) -> list[Value]:
        """Fetch objects of one entity, in one statement."""
        plan = self._object_plan(runner.dialect, sources[0].entity, context)
        return await plan.fetch(runner, sources, context, variables)

    def can_shape_loaded_row(self, source: Value, context: Context) -> bool:
        """Whether the source has a loaded row with all that the field selects."""
        loaded_row = source.loaded_row if type(source) is ObjectSource else None
        return loaded_row is not None and self._object_plan(
            loaded_row.dialect, source.entity, context
        ).can_shape_loaded_row(source)

    def shape_loaded_row(self, source: ObjectSource, context: Context) -> Value:
        """Shape the object from the source's loaded row."""
        loaded_row = cast("LoadedRow", source.loaded_row)
        plan = self._object_plan(loaded_row.dialect, source.entity, context)
        return plan.shape_loaded_row(loaded_row, context)

    async def _fetch_page(
        self, runner: StatementRunner, source: PageSource, context: Context, variables: Variables
    ) -> Value:
        plan = self._page_plan(runner, source, context)
        try:
            return await plan.fetch(runner, source, context, variables)
        except BadPage as bad:
            raise BadInput((bad.argument,), Text(str(bad), str(bad))) from bad

    async def _fetch_objects(
        self,
        runner: StatementRunner,
        sources: list[ObjectSource],
        context: Context,
        variables: Variables,
    ) -> list[Value]:
        """Fetch the objects of a list, those of each entity in one statement."""
        by_entity: dict[str, list[ObjectSource]] = {}
        for source in sources:
            by_entity.setdefault(source.entity, []).append(source)
        objects = {
            entity: iter(await self.fetch_entity(runner, entity_sources, context, variables))
            for entity, entity_sources in by_entity.items()
        }
        return [next(objects[source.entity]) for source in sources]

    def _object_plan(self, dialect: sa.Dialect, entity: str, context: Context) -> ObjectPlan:
        variant = self.registry.variant_of(context)

        def make() -> ObjectPlan:
            planner = self._planner(dialect, variant)
            return ObjectPlan(planner, entity, self._item_type(), self.nodes)

        plan: ObjectPlan = self.get_plan((ObjectPlan, dialect.name, variant, entity), make)
        return plan

    def _list_plan(self, runner: StatementRunner, source: ListSource, context: Context) -> ListPlan:
        variant = self.registry.variant_of(context)

        def make() -> ListPlan:
            planner = self._planner(runner.dialect, variant)
            return ListPlan(planner, source.entity, source.order_by, self.nodes)

        plan: ListPlan = self.get_plan(
            (ListPlan, runner.dialect.name, variant, source.entity), make
        )
        return plan

    def _page_plan(self, runner: StatementRunner, source: PageSource, context: Context) -> PagePlan:
        variant = self.registry.variant_of(context)

        def make() -> PagePlan:
            type_ = cast("GraphQLObjectType", get_named_type(self.return_type))
            planner = self._planner(runner.dialect, variant)
            return PagePlan(planner, source.entity, source.order, type_, self.nodes)

        plan: PagePlan = self.get_plan(
            (PagePlan, runner.dialect.name, variant, source.entity, source.order.name), make
        )
        return plan

    def _planner(self, dialect: sa.Dialect, variant: str | None) -> Planner:
        return Planner(self.registry, self.operation, dialect, variant)

    def _item_type(self) -> Any:  # Any: see return_type
        type_ = get_nullable_type(self.return_type)
        return type_.of_type if isinstance(type_, GraphQLList) else type_
