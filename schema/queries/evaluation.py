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
from resolvers.quality.preview_plan import preview_plan
from resolvers.tenancy import merchant_for
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.queries.quality import READERS, QualityMerchant
from schema.types.evaluation import EvaluationPlan, EvaluationPlanInput
from schema.types.evaluation_preview import (
    MAX_MONTHS,
    EvaluationPreview,
    preview_of,
    read_months,
)
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

PLAN_READERS = (*READERS, Permission.QUALITY_MANAGE)

Month = Annotated[str, strawberry.argument(description="The month, as `YYYY-MM`.")]


@strawberry.type
class EvaluationQueries:
    """Queries of evaluation plans and scores."""

    @query(*PLAN_READERS)
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

    @query(*PLAN_READERS)
    def evaluation_plans(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EvaluationPlan]:
        """评价方案版本. Returns all versions of the evaluation plan, latest first."""
        return page_source("EvaluationPlan", (), _PLANS, window(first, after, last, before))

    @query(Permission.QUALITY_MANAGE)
    async def evaluation_preview(
        self,
        info: Info,
        *,
        plan: Annotated[EvaluationPlanInput, strawberry.argument(description="The draft to try.")],
        months: Annotated[
            list[str],
            strawberry.argument(description=f"1 to {MAX_MONTHS} months, as `YYYY-MM`."),
        ],
        after_merchant: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Return merchants after this one."),
        ] = None,
    ) -> EvaluationPreview:
        """评价方案试算. Returns what a plan would make of past months, beside the current plan.

        Nothing is stored.
        """
        periods, draft = read_months(months, "months"), plan.read("plan")
        after = ids.optional_merchant(after_merchant, "afterMerchant") or 0
        return preview_of(await preview_plan(info.context, draft, periods, after=after))

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
        """商家评分排名. Returns the final scores of a month, best first, those without one last.

        A merchant that has no snapshot of the month is left out.
        """
        where = (_OF_MONTH(name_of(read_month(month, "month"))),)
        return page_source("QualitySnapshot", where, _SCORES, window(first, after, last, before))
