"""Evaluation plans: their criteria, and the input that makes one."""

import math
from datetime import datetime
from typing import Any

import strawberry

from domain.actors import ActorKind
from domain.quality.metrics import DEFINITIONS, Metric, Unit
from domain.quality.plans import (
    MAX_MINIMUM,
    MAX_WEIGHT,
    RANGES,
    SCORED,
    Criterion,
    Plan,
    plan_of,
    read_plan,
)
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import at_most, between
from models.evaluation import evaluation_plans
from resolvers.context import Context
from schema.acting import acting_by_name
from schema.fields import column, computed, projected
from schema.types.actor import Actor


@strawberry.type(description="What an evaluation plan expects of a figure.")
class EvaluationCriterion:
    """A criterion."""

    metric: Metric = strawberry.field(description="The figure.")
    name: str = strawberry.field(
        description="The name of the figure, in the language of the request."
    )
    unit: Unit = strawberry.field(description="The unit of the target and the floor.")
    target: float = strawberry.field(description="目标值. The value whose score is 10.")
    floor: float = strawberry.field(
        description=(
            "底线值. The value whose score is 0; between the two, the score is linear. It is above "
            "the target for a figure that is better if it is lower."
        )
    )
    weight: float = strawberry.field(description="权重. The weight of the figure in the score.")
    minimum: int = strawberry.field(
        description=(
            "最少个案数. With fewer cases, the figure is left out of the score, with its weight."
        )
    )


def criterion_of(context: Context, criterion: Criterion) -> EvaluationCriterion:
    """The criterion for clients."""
    definition = DEFINITIONS[criterion.metric]
    return EvaluationCriterion(
        metric=criterion.metric,
        name=definition.name.in_(context.language),
        unit=definition.unit,
        target=criterion.target,
        floor=criterion.floor,
        weight=criterion.weight,
        minimum=criterion.minimum,
    )


def _criteria(context: Context, content: dict[str, Any]) -> list[EvaluationCriterion]:
    return [criterion_of(context, criterion) for criterion in read_plan(content)]


@projected(evaluation_plans)
@strawberry.type(
    description=(
        "评价方案. A plan of the platform that makes a score of a merchant's figures of a month: "
        "the weighted mean of the scores of those figures that have enough cases."
    )
)
class EvaluationPlan:
    """A plan."""

    version: int = column(
        evaluation_plans.c.version,
        "The version, from 1. Send that of the current plan as `expectedVersion` to publish "
        "another.",
    )
    criteria: list[EvaluationCriterion] = computed(
        _criteria, (evaluation_plans.c.content,), "The criteria, one for each figure that counts."
    )
    note: str | None = column(
        evaluation_plans.c.note, "What the publisher noted. Null without a note."
    )
    published_by: Actor = acting_by_name(
        ActorKind.PLATFORM, evaluation_plans.c.published_by, "The person who published it."
    )
    published_at: datetime = column(
        evaluation_plans.c.published_at,
        "When it was published. It holds for the months that end later.",
    )


@strawberry.input(description="What an evaluation plan expects of a figure.")
class EvaluationCriterionInput:
    """A criterion."""

    metric: Metric = strawberry.field(description="The figure; none whose measure is `COUNT`.")
    target: float = strawberry.field(
        description="The value whose score is 10, in the unit of the figure."
    )
    floor: float = strawberry.field(
        description="The value whose score is 0. It must differ from the target."
    )
    weight: float = strawberry.field(
        description=f"The weight of the figure: above 0, at most {MAX_WEIGHT:,}."
    )
    minimum: int = strawberry.field(
        default=1,
        description=f"The fewest cases with which the figure counts: 1 to {MAX_MINIMUM:,}.",
    )

    def read(self, *path: str) -> Criterion:
        """Raises BadInput."""
        if self.metric not in SCORED:
            message = Text("次数不能评分", "A number of cases cannot be scored.")
            raise BadInput((*path, "metric"), message)
        least, most = RANGES[DEFINITIONS[self.metric].unit]
        for name, value in (("target", self.target), ("floor", self.floor)):
            if not least <= value <= most:
                message = Text(
                    f"须在 {least:g} 至 {most:g} 之间",
                    f"This must be between {least:g} and {most:g}.",
                )
                raise BadInput((*path, name), message)
        if self.target == self.floor:
            message = Text("底线值须与目标值不同", "The floor must differ from the target.")
            raise BadInput((*path, "floor"), message)
        if not (math.isfinite(self.weight) and 0 < self.weight <= MAX_WEIGHT):
            message = Text(
                f"须大于 0, 最多 {MAX_WEIGHT}", f"This must be above 0 and at most {MAX_WEIGHT}."
            )
            raise BadInput((*path, "weight"), message)
        return Criterion(
            metric=self.metric,
            target=self.target,
            floor=self.floor,
            weight=self.weight,
            minimum=between(self.minimum, *path, "minimum", least=1, most=MAX_MINIMUM),
        )


@strawberry.input(description="评价方案. An evaluation plan.")
class EvaluationPlanInput:
    """A plan."""

    criteria: list[EvaluationCriterionInput] = strawberry.field(
        description="The criteria, at least one, and at most one for each figure."
    )

    def read(self, *path: str) -> Plan:
        """Raises BadInput."""
        path = (*path, "criteria")
        at_most(self.criteria, *path, least=1, most=len(SCORED))
        metrics: set[Metric] = set()
        for index, one in enumerate(self.criteria):
            if one.metric in metrics:
                message = Text("每个指标只能出现一次", "Each figure may appear only once.")
                raise BadInput((*path, str(index), "metric"), message)
            metrics.add(one.metric)
        return plan_of([one.read(*path, str(index)) for index, one in enumerate(self.criteria)])
