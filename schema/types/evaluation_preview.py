"""Previews of an evaluation plan, and how they are shown."""

from collections.abc import Sequence
from fractions import Fraction

import strawberry

from domain.quality.periods import Period
from domain.quality.previews import Movement, Preview
from domain.quality.scores import points_of, steps_of
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import at_most
from execution.sources import object_source
from resolvers.quality.preview_plan import MERCHANTS, PlanPreview
from schema.enums import described
from schema.types.merchant import Merchant
from schema.types.quality import read_month

MAX_MONTHS = 12

described(
    Movement,
    "评分变化. What an evaluation plan would do to a merchant's score.",
    {
        Movement.RISES: Text("上升", "The score would rise"),
        Movement.FALLS: Text("下降", "The score would fall"),
        Movement.STAYS: Text("不变", "The score would stay"),
        Movement.GAINS_SCORE: Text("新得评分", "The merchant would get a score"),
        Movement.LOSES_SCORE: Text("失去评分", "The merchant would lose its score"),
        Movement.HAS_NONE: Text("无评分", "The merchant has no score by either plan"),
    },
    name="EvaluationMovement",
)


@strawberry.type(description="A merchant's scores of a month by the current plan and the draft.")
class EvaluationPreviewMonth:
    """A month."""

    month: str = strawberry.field(description="The month, as `YYYY-MM`.")
    current: float | None = strawberry.field(
        description="The score by the current plan. Null if the merchant has none."
    )
    draft: float | None = strawberry.field(
        description="The score by the draft. Null if the merchant has none."
    )


@strawberry.type(description="What a draft of an evaluation plan would do to a merchant's score.")
class EvaluationPreviewMerchant:
    """A merchant."""

    merchant: Merchant = strawberry.field(description="The merchant.")
    current: float | None = strawberry.field(
        description=(
            "The mean of the months' scores by the current plan. Null if no month has a score."
        )
    )
    draft: float | None = strawberry.field(
        description="The mean of the months' scores by the draft. Null if no month has a score."
    )
    change: float | None = strawberry.field(
        description="变化. `draft` minus `current`. Null if either is null."
    )
    movement: Movement = strawberry.field(
        description="Whether the score would rise or fall, by the exact scores."
    )
    months: list[EvaluationPreviewMonth] = strawberry.field(
        description="The months, in the order of the request."
    )


@strawberry.type(description="How many merchants of the answer would move in which way.")
class EvaluationMovementCount:
    """A count."""

    movement: Movement = strawberry.field(description="The movement.")
    merchants: int = strawberry.field(description="The number of merchants.")


@strawberry.type(
    description="评价方案试算. What a draft of an evaluation plan would make of past months."
)
class EvaluationPreview:
    """A preview."""

    current_version: int = strawberry.field(
        description=(
            "The version of the current plan, 0 without one. Send it as `expectedVersion` to "
            "publish the draft."
        )
    )
    movements: list[EvaluationMovementCount] = strawberry.field(
        description="How many of `merchants` would move in which way, every way included."
    )
    merchants: list[EvaluationPreviewMerchant] = strawberry.field(
        description=(
            f"The enabled merchants, oldest first, at most {MERCHANTS}. The figures are those of "
            "now, also of months that have a snapshot."
        )
    )
    has_more: bool = strawberry.field(
        description="Whether more merchants follow: send the id of the last one as `afterMerchant`."
    )


def read_months(months: Sequence[str], *path: str) -> list[Period]:
    """Raises BadInput."""
    at_most(months, *path, least=1, most=MAX_MONTHS)
    periods: list[Period] = []
    for index, month in enumerate(months):
        period = read_month(month, *path, str(index))
        if period in periods:
            message = Text("月份不能重复", "Each month may appear only once.")
            raise BadInput((*path, str(index)), message)
        periods.append(period)
    return periods


def preview_of(found: PlanPreview) -> EvaluationPreview:
    """The preview for clients."""
    return EvaluationPreview(
        current_version=found.version,
        movements=[
            EvaluationMovementCount(
                movement=movement,
                merchants=sum(one.movement is movement for one in found.merchants),
            )
            for movement in Movement
        ],
        merchants=[_merchant(one) for one in found.merchants],
        has_more=found.has_more,
    )


def _merchant(found: Preview) -> EvaluationPreviewMerchant:
    current, draft = found.current, found.draft
    change = None if current is None or draft is None else draft - current
    return EvaluationPreviewMerchant(
        merchant=object_source("Merchant", (found.merchant_id,)),
        current=_points(current),
        draft=_points(draft),
        change=_points(change),
        movement=found.movement,
        months=[
            EvaluationPreviewMonth(
                month=month.month, current=_points(month.current), draft=_points(month.draft)
            )
            for month in found.months
        ],
    )


def _points(points: Fraction | None) -> float | None:
    return points_of(steps_of(points))
