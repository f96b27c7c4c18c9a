"""The input of plans and months: each thing that makes no sense is named by its path."""

from typing import Any

import pytest

from domain.quality.metrics import Metric
from domain.quality.plans import SCORED
from domain.refusals.refusal import BadInput
from schema.types.evaluation import EvaluationCriterionInput, EvaluationPlanInput
from schema.types.evaluation_preview import read_months


def criterion(metric: Metric = Metric.ON_TIME_REVIEW, **values: Any) -> EvaluationCriterionInput:
    defaults: dict[str, Any] = {"target": 0.9, "floor": 0.5, "weight": 1.0}
    return EvaluationCriterionInput(metric=metric, **defaults | values)


@pytest.mark.parametrize(
    ("criteria", "path"),
    [
        ([], ()),
        ([criterion(), criterion(weight=2)], ("1", "metric")),
        ([criterion(Metric.HANDLED, target=5, floor=1)], ("0", "metric")),
        ([criterion(target=1.01)], ("0", "target")),
        ([criterion(target=float("nan"))], ("0", "target")),
        ([criterion(floor=-0.01)], ("0", "floor")),
        ([criterion(floor=0.9)], ("0", "floor")),
        ([criterion(weight=0)], ("0", "weight")),
        ([criterion(weight=-1)], ("0", "weight")),
        ([criterion(weight=1000.5)], ("0", "weight")),
        ([criterion(weight=float("inf"))], ("0", "weight")),
        ([criterion(minimum=0)], ("0", "minimum")),
        ([criterion(minimum=1_000_001)], ("0", "minimum")),
        ([criterion(Metric.SATISFACTION, target=5.5, floor=3)], ("0", "target")),
        ([criterion(Metric.REVIEW_HOURS_P50, target=1, floor=10_001)], ("0", "floor")),
    ],
)
def test_a_plan_that_makes_no_sense_is_bad_input(
    criteria: list[EvaluationCriterionInput], path: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as bad:
        EvaluationPlanInput(criteria=criteria).read("plan")
    assert bad.value.path == ("plan", "criteria", *path)


def test_a_plan_may_have_a_criterion_for_each_figure_that_is_no_count() -> None:
    criteria = [
        criterion(metric, target=3 if metric is Metric.SATISFACTION else 1, floor=floor)
        for metric in reversed(SCORED)
        for floor in [5.0 if metric is Metric.SATISFACTION else 0.0]
    ]
    plan = EvaluationPlanInput(criteria=criteria).read("plan")
    assert [one.metric for one in plan] == list(SCORED)


@pytest.mark.parametrize(
    ("months", "path"),
    [
        ([], ()),
        ([*(f"2025-{month:02}" for month in range(1, 13)), "2026-01"], ()),
        (["2026-11", "2026-11"], ("1",)),
        (["2026-11", "2026-13"], ("1",)),
    ],
)
def test_a_preview_takes_one_to_twelve_different_months(
    months: list[str], path: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as bad:
        read_months(months, "months")
    assert bad.value.path == ("months", *path)
