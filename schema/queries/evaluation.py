"""Queries of evaluation plans, and of the scores that merchants have by them."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from domain.quality.snapshots import name_of
from execution.sources import object_source, page_source
from models.evaluation import evaluation_plans, quality_snapshots
from projection.conditions import equals
from projection.pages import Order
from resolvers.quality.current_plan import current_version
from resolvers.quality.month_score import month_score
from resolvers.tenancy import merchant_for
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.queries.quality import READERS, QualityMerchant
from schema.types.evaluation import EvaluationPlan
from schema.types.month_score import QualityScore, QualitySnapshot, score_of
from schema.types.node import Connection
from schema.types.quality import read_month

_PLANS = Order("evaluation plans", (evaluation_plans.c.version,), descending=True)
_SCORES = Order(
    "scores",
    (quality_snapshots.c.score, quality_snapshots.c.merchant_id),
    descending=True,
)
_OF_MONTH = equals(quality_snapshots.c.month)

Month = Annotated[str, strawberry.argument(description="The month, as `YYYY-MM`.")]


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

    @query(*READERS)
    async def quality_score(
        self, info: Info, *, month: Month, merchant_id: QualityMerchant = None
    ) -> QualityScore:
        """月度评分. Returns a merchant's score of a month, and the benchmark of the month."""
        context = info.context
        merchant = merchant_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        scored, benchmark = await month_score(context, merchant, read_month(month, "month"))
        return score_of(context, scored, benchmark)

    @query(Permission.MERCHANT_READ)
    def quality_scores(
        self,
        *,
        month: Month,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[QualitySnapshot]:
        """商家评分排名. Returns the final scores of a month, best first, and those without a score.

        A merchant that has no snapshot of the month is left out.
        """
        where = (_OF_MONTH(name_of(read_month(month, "month"))),)
        return page_source("QualitySnapshot", where, _SCORES, window(first, after, last, before))
