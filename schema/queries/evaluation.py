"""Queries of evaluation plans, and of the scores that merchants have by them."""

from typing import Annotated

import strawberry

from execution.sources import object_source, page_source
from models.evaluation import evaluation_plans
from projection.pages import Order
from resolvers.quality.current_plan import current_version
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.queries.quality import READERS
from schema.types.evaluation import EvaluationPlan
from schema.types.node import Connection

_PLANS = Order("evaluation plans", (evaluation_plans.c.version,), descending=True)


@strawberry.type
class EvaluationQueries:
    """Queries of evaluation plans and scores."""

    @query(*READERS)
    async def evaluation_plan(
        self,
        info: Info,
        version: Annotated[
            int | None,
            strawberry.argument(description="The version. Leave out for the current plan."),
        ] = None,
    ) -> EvaluationPlan | None:
        """评价方案. Returns an evaluation plan. Null if there is none."""
        if version is None:
            version = await current_version(info.context)
        return None if version is None else object_source("EvaluationPlan", (version,))

    @query(*READERS)
    def evaluation_plans(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EvaluationPlan]:
        """评价方案版本. Returns all versions of the evaluation plan, latest first."""
        return page_source("EvaluationPlan", (), _PLANS, window(first, after, last, before))
