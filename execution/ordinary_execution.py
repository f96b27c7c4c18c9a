"""The ordinary execution: graphql-core calls resolvers, and the sources they return become rows.

graphql-core then reads the answer's fields from the shaped rows.
"""

import asyncio
from typing import Final, cast

from graphql import GraphQLResolveInfo
from strawberry.dataloader import DataLoader

from execution.field_plans import FieldPlans, plan_getter
from execution.sources import Value, is_source
from projection.plan_cache import PlanCache
from projection.registry import Registry
from projection.selection import Operation
from projection.sources import ObjectSource
from resolvers.context import Context

PLANS: Final = "plans"
"""The key of the document's plans in what the parts of an answer share."""

Info = GraphQLResolveInfo[Context]


async def fetch_sources(value: Value, info: Info) -> Value:
    """Fetch and shape a source for the field's selection; return any other value unchanged."""
    if not is_source(value):
        return value
    if isinstance(value, list):
        return await asyncio.gather(*(fetch_sources(item, info) for item in value))
    field_plans = _field_plans(info)
    if isinstance(value, ObjectSource):
        return await _load_object(value, field_plans, info)
    async with info.context.rows() as runner:
        variables = field_plans.operation.variables
        return await field_plans.fetch(runner, value, info.context, variables)


def _field_plans(info: Info) -> FieldPlans:
    plans: PlanCache | None = info.context.shared.get(PLANS)
    if plans is None:
        plans = PlanCache()
    path = tuple(key for key in info.path.as_list() if isinstance(key, str))
    operation = Operation.of(info)
    return FieldPlans(
        path=path,
        operation=operation,
        registry=cast("Registry", info.schema.extensions["projection"]),
        return_type=info.return_type,
        nodes=info.field_nodes,
        get_plan=plan_getter(plans, operation, path),
    )


async def _load_object(source: ObjectSource, field_plans: FieldPlans, info: Info) -> Value:
    """Load one object; those of one field are loaded in one statement."""
    context = info.context
    key = (field_plans.path, source.entity)
    loader = context.shared.get(key)
    if loader is None:

        async def load(sources: list[ObjectSource]) -> list[Value]:
            async with context.rows() as runner:
                variables = field_plans.operation.variables
                return await field_plans.fetch_entity(runner, sources, context, variables)

        loader = DataLoader(
            load_fn=load, cache_key_fn=lambda requested: (requested.entity, requested.key)
        )
        context.shared[key] = loader
    return await loader.load(source)
