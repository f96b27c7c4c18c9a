"""Scores of merchants' months, and the benchmark beside them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from domain.quality.benchmarks import FEWEST, SCORE
from domain.quality.benchmarks import Quartiles as Found
from domain.quality.metrics import DEFINITIONS, Metric
from domain.quality.plans import SCORED
from domain.quality.scores import MonthScore, points_of
from execution.sources import object_source
from models.evaluation import UNSCORED, quality_snapshots
from models.merchant import merchants
from resolvers.context import Context
from schema.fields import column, computed, one, projected
from schema.types.evaluation import EvaluationCriterion, EvaluationPlan
from schema.types.merchant import Merchant
from schema.types.quality import QualityValue, values_of

_POINTS = "0 to 10, to six decimal places"


@strawberry.type(description="What a criterion of the evaluation plan makes of a figure.")
class QualityExplanation(EvaluationCriterion):
    """An explanation."""

    value: float | None = strawberry.field(
        description="The value of the figure. Null without cases."
    )
    denominator: int = strawberry.field(description="The number of cases of the figure.")
    score: float | None = strawberry.field(
        description=(
            f"得分. The score of the figure, {_POINTS}. Null if it has fewer cases than the "
            "minimum."
        )
    )
    adds: float | None = strawberry.field(
        description=(
            "对总分的贡献. The part of the merchant's score that the figure adds: its score by its "
            "weight among the figures that have enough cases. All parts together are the score. "
            "Null if it has too few."
        )
    )


@strawberry.type(
    description=(
        "四分位数. The smallest values that a quarter, a half and three quarters of the merchants "
        "do not exceed."
    )
)
class Quartiles:
    """Quartiles."""

    p25: float = strawberry.field(description="The lower quartile.")
    p50: float = strawberry.field(description="The median.")
    p75: float = strawberry.field(description="The upper quartile.")


@strawberry.type(description="The quartiles of a figure over merchants.")
class QualityQuartiles:
    """The quartiles of a figure."""

    metric: Metric = strawberry.field(description="The figure.")
    quartiles: Quartiles | None = strawberry.field(
        description=f"The quartiles. Null if fewer than {FEWEST} merchants have a value."
    )


@strawberry.type(
    description=(
        "行业水平. The quartiles of the month over the snapshots of all merchants, each of which "
        "was enabled when its snapshot was made. They name no merchant. They are computed when no "
        "snapshot of the month is missing, or two days after the month has settled; later ones "
        "change them only five at a time."
    )
)
class QualityBenchmark:
    """A benchmark."""

    score: Quartiles | None = strawberry.field(
        description=f"The quartiles of the score. Null if fewer than {FEWEST} merchants have one."
    )
    figures: list[QualityQuartiles] = strawberry.field(
        description="The quartiles of each figure that a plan can score."
    )


@strawberry.type(description="月度评分. A merchant's score of a month.")
class QualityScore:
    """A score."""

    merchant: Merchant = strawberry.field(description="The merchant.")
    month: str = strawberry.field(description="The month, as `YYYY-MM`.")
    time_zone: str = strawberry.field(description="The time zone of the month.")
    is_final: bool = strawberry.field(
        description=(
            "Whether this is the snapshot of the month, which never changes. It is made three days "
            "after the end of the month. Before, figures and score are computed at each request, "
            "by the same plan."
        )
    )
    made_at: datetime | None = strawberry.field(
        description="When the snapshot was made. Null unless the score is final."
    )
    definitions_version: int = strawberry.field(
        description="The version of the definitions of the figures."
    )
    plan: EvaluationPlan | None = strawberry.field(
        description=(
            "The evaluation plan: the latest that was published before the end of the month. Null "
            "if there was none."
        )
    )
    score: float | None = strawberry.field(
        description=(
            f"总分. The score, {_POINTS}: the weighted mean of the scores of the figures. Null "
            "without a plan, and if no figure has enough cases."
        )
    )
    explains: list[QualityExplanation] = strawberry.field(
        description="评分说明. The part of the score that each criterion of the plan adds."
    )
    figures: list[QualityValue] = strawberry.field(description="All figures of the month.")
    benchmark: QualityBenchmark = strawberry.field(
        description="The quartiles of the month's snapshots, without a merchant's name."
    )


def _score(_context: Context, steps: int) -> float | None:
    return None if steps == UNSCORED else points_of(steps)


@projected(
    quality_snapshots,
    joins={merchants: lambda snapshot, merchant: merchant.c.id == snapshot.c.merchant_id},
)
@strawberry.type(description="月度评分快照. The final score of a merchant's month.")
class QualitySnapshot:
    """A snapshot."""

    merchant: Merchant = one("Merchant", merchants, "The merchant.")
    month: str = column(quality_snapshots.c.month, "The month, as `YYYY-MM`.")
    score: float | None = computed(
        _score,
        (quality_snapshots.c.score,),
        f"总分. The score, {_POINTS}. Null without a plan, and if no figure had enough cases.",
    )
    plan_version: int | None = column(
        quality_snapshots.c.plan_version,
        "The version of the evaluation plan. Null if none was published by the end of the month.",
    )
    made_at: datetime = column(quality_snapshots.c.made_at, "When the snapshot was made.")


def score_of(context: Context, scored: MonthScore, benchmark: Mapping[str, Found]) -> QualityScore:
    """The score for clients."""
    version = scored.plan_version
    return QualityScore(
        merchant=object_source("Merchant", (scored.merchant_id,)),
        month=scored.month,
        time_zone=scored.time_zone,
        is_final=scored.made_at is not None,
        made_at=scored.made_at,
        definitions_version=scored.definitions_version,
        plan=None if version is None else object_source("EvaluationPlan", (version,)),
        score=points_of(scored.score),
        explains=[_explanation(context, one) for one in scored.explains],
        figures=values_of(scored.figures),
        benchmark=QualityBenchmark(
            score=_quartiles(benchmark.get(SCORE)),
            figures=[
                QualityQuartiles(metric=metric, quartiles=_quartiles(benchmark.get(metric)))
                for metric in SCORED
            ],
        ),
    )


def _explanation(
    context: Context,
    stored: Mapping[str, Any],  # Any: JSON
) -> QualityExplanation:
    definition = DEFINITIONS[Metric(stored["metric"])]
    return QualityExplanation(
        metric=definition.metric,
        name=definition.name.in_(context.language),
        unit=definition.unit,
        target=stored["target"],
        floor=stored["floor"],
        weight=stored["weight"],
        minimum=stored["minimum"],
        value=stored["value"],
        denominator=stored["denominator"],
        score=points_of(stored["score"]),
        adds=points_of(stored["adds"]),
    )


def _quartiles(found: Found | None) -> Quartiles | None:
    return None if found is None else Quartiles(p25=found.p25, p50=found.p50, p75=found.p75)
