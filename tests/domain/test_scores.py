"""Scores: worked examples by hand, and what holds for every plan and every figure."""

import json
import random
from fractions import Fraction
from typing import Any

import pytest

from domain.quality.benchmarks import FEWEST, SCORE, Benchmark, Quartiles, quartiles, read_benchmark
from domain.quality.cases import CaseKind, Mark
from domain.quality.figures import Figure, Tallies, Tally, figures
from domain.quality.metrics import HOUR_MS, Metric
from domain.quality.plans import SCORED, Criterion, plan_of, read_plan, stored_plan
from domain.quality.previews import Movement, preview
from domain.quality.quantiles import nearest_rank
from domain.quality.scores import (
    exact_value,
    points_of,
    read_figures,
    score,
    steps_of,
    stored_figures,
)

M = Metric


def criterion(metric: Metric = M.APPROVAL, **values: Any) -> Criterion:
    defaults: dict[str, Any] = {"target": 0.9, "floor": 0.5, "weight": 1, "minimum": 1}
    return Criterion(metric=metric, **defaults | values)


def rate(numerator: int, denominator: int, metric: Metric = M.APPROVAL) -> Figure:
    value = numerator / denominator if denominator else None
    return Figure(metric, numerator, denominator, None, value)


def mean(total: float, denominator: int, metric: Metric = M.REVIEW_HOURS_MEAN) -> Figure:
    return Figure(metric, None, denominator, total, total / denominator if denominator else None)


def quantile(hours: float | None, metric: Metric = M.REVIEW_HOURS_P90) -> Figure:
    return Figure(metric, None, 0 if hours is None else 10, None, hours)


HOURS = {"target": 4, "floor": 24}

EXAMPLES: list[tuple[str, Criterion, Figure, Fraction | None]] = [
    ("at the target", criterion(), rate(9, 10), Fraction(10)),
    ("above the target", criterion(), rate(10, 10), Fraction(10)),
    ("at the floor", criterion(), rate(5, 10), Fraction(0)),
    ("below the floor", criterion(), rate(1, 10), Fraction(0)),
    ("half way", criterion(), rate(7, 10), Fraction(5)),
    ("a third, exactly", criterion(target=1, floor=0), rate(1, 3), Fraction(10, 3)),
    ("lower is better, half way", criterion(target=0.02, floor=0.1), rate(6, 100), Fraction(5)),
    ("lower is better, at the target", criterion(target=0, floor=0.1), rate(0, 7), Fraction(10)),
    ("lower is better, beyond", criterion(target=0, floor=0.1), rate(2, 7), Fraction(0)),
    ("hours", criterion(M.REVIEW_HOURS_MEAN, **HOURS), mean(28, 2), Fraction(5)),
    ("an hour and a third", criterion(M.REVIEW_HOURS_MEAN, **HOURS), mean(64, 3), Fraction(4, 3)),
    ("a quantile", criterion(M.REVIEW_HOURS_P90, **HOURS), quantile(23), Fraction(1, 2)),
    ("points", criterion(M.SATISFACTION, target=5, floor=3), mean(17, 4, M.SATISFACTION),
     Fraction(25, 4)),
    ("the fewest cases", criterion(minimum=10), rate(9, 10), Fraction(10)),
    ("one case too few", criterion(minimum=10), rate(9, 9), None),
    ("no case", criterion(), rate(0, 0), None),
    ("no amount", criterion(M.REVIEW_HOURS_P90, **HOURS), quantile(None), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "figure", "expected"), [case[1:] for case in EXAMPLES], ids=[c[0] for c in EXAMPLES]
)
def test_a_figure_has_its_score_between_floor_and_target(
    one: Criterion, figure: Figure, expected: Fraction | None
) -> None:
    scored = score((one,), [figure])
    [explanation] = scored.explanations
    assert explanation.score == scored.value == explanation.adds == expected
    assert (explanation.value, explanation.denominator) == (figure.value, figure.denominator)


def test_a_score_is_the_weighted_mean_of_the_figures_with_enough_cases() -> None:
    plan = (
        criterion(M.ON_TIME_REVIEW, weight=3),
        criterion(M.APPROVAL, weight=1),
        criterion(M.UNSOLVED, target=0, floor=0.2, weight=0.5, minimum=20),
    )
    values = [
        rate(9, 10, M.ON_TIME_REVIEW),  # 10 points
        rate(6, 10, M.APPROVAL),  # 2.5 points
        rate(0, 19, M.UNSOLVED),  # a case too few
    ]
    scored = score(plan, values)
    assert [one.adds for one in scored.explanations] == [
        Fraction(30, 4),
        Fraction(5, 8),
        None,
    ]
    assert scored.value == Fraction(65, 8)
    assert points_of(steps_of(scored.value)) == 8.125
    enough = score(plan, [*values[:2], rate(0, 20, M.UNSOLVED)])
    assert enough.value == Fraction(30 + Fraction(5, 2) + 5) / Fraction(9, 2)


def test_a_merchant_whose_figures_all_have_too_few_cases_has_no_score() -> None:
    assert score((criterion(minimum=3),), [rate(2, 2)]).value is None
    assert score((), []).value is None


def test_the_parts_that_figures_add_are_the_score_for_random_plans() -> None:
    chance = random.Random(16)
    for _ in range(200):
        metrics = chance.sample(SCORED, chance.randint(1, len(SCORED)))
        plan = plan_of(
            [
                criterion(
                    metric,
                    target=chance.randint(0, 99) / 100,
                    floor=1 + chance.randint(1, 99) / 100,
                    weight=chance.randint(1, 500) / 100,
                    minimum=chance.randint(1, 4),
                )
                for metric in metrics
            ]
        )
        scored = score(plan, figures(_random_tallies(chance)))
        added = [one.adds for one in scored.explanations if one.adds is not None]
        assert sum(added) == (scored.value or 0)
        assert (scored.value is None) is (added == [])
        for one in scored.explanations:
            assert (one.score is None) is (one.denominator < one.criterion.minimum)
            assert one.score is None or 0 <= one.score <= 10


def test_a_score_can_be_recomputed_from_the_figures_as_they_are_stored() -> None:
    chance = random.Random(61)
    plan = plan_of([criterion(metric, target=0.1, floor=3) for metric in SCORED])
    for _ in range(100):
        tallies = _random_tallies(chance)
        values = figures(tallies)
        again = read_figures(json.loads(json.dumps(stored_figures(values))))
        assert again == values
        assert score(read_plan(json.loads(json.dumps(stored_plan(plan)))), again) == score(
            plan, values
        )
        [review] = figures(tallies, [M.REVIEW_HOURS_MEAN])
        milliseconds = sum(
            tally.total for (kind, _), tally in tallies.counts.items() if kind is CaseKind.REVIEW
        )
        if review.denominator:
            expected = Fraction(milliseconds, HOUR_MS * review.denominator)
            assert exact_value(review) == expected


def _random_tallies(chance: random.Random) -> Tallies:
    counts = {}
    for kind in CaseKind:
        for _ in range(chance.randint(0, 3)):
            number = chance.randint(1, 5)
            most = 5 if kind is CaseKind.RATING else 10**9
            total = sum(chance.randint(1, most) for _ in range(number))
            counts[kind, Mark(chance.randrange(2 * Mark.BAD))] = Tally(number, total)
    amounts = {
        (kind, percent): chance.randint(1, 10**9)
        for kind in {kind for kind, _ in counts}
        for percent in (50, 90)
    }
    return Tallies(counts, amounts)


# Quartiles


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([1, 2, 3, 4], None),
        ([5, 1, 4, 2, 3], (2, 3, 4)),
        ([1, 2, 3, 4, 5, 6, 7, 8], (2, 4, 6)),
        ([7] * 5, (7, 7, 7)),
    ],
)
def test_quartiles_are_values_by_nearest_rank_of_five_or_more(
    values: list[float], expected: tuple[float, ...] | None
) -> None:
    assert quartiles(values) == expected


@pytest.mark.parametrize(
    ("number", "percent", "rank"), [(1, 50, 1), (2, 50, 1), (3, 50, 2), (10, 90, 9), (11, 90, 10)]
)
def test_a_quantile_is_the_smallest_value_that_so_many_do_not_exceed(
    number: int, percent: int, rank: int
) -> None:
    assert nearest_rank(number, percent) == rank


def test_a_benchmark_has_quartiles_of_what_enough_merchants_have() -> None:
    benchmark = Benchmark()
    for index in range(FEWEST):
        value = None if index == 0 else 0.5
        benchmark.add(float(index), {M.APPROVAL: index / 10, M.REJECTION: value, M.HANDLED: 100.0})
    assert benchmark.merchants == FEWEST
    assert read_benchmark(json.loads(json.dumps(benchmark.stored({})))) == {
        SCORE: Quartiles(1, 2, 3),
        M.APPROVAL: Quartiles(0.1, 0.2, 0.3),
    }


# Previews


def _approvals(approved: int, rejected: int) -> Tallies:
    counts = {
        (CaseKind.REVIEW, Mark.APPROVED): Tally(approved, approved),
        (CaseKind.REVIEW, Mark.REJECTED): Tally(rejected, rejected),
    }
    return Tallies({key: tally for key, tally in counts.items() if tally.number})


LOOSE = (criterion(target=0.5, floor=0),)
STRICT = (criterion(target=1, floor=0),)
FEW = (criterion(target=1, floor=0, minimum=5),)


@pytest.mark.parametrize(
    ("tallies", "current", "draft", "movement"),
    [
        (_approvals(1, 3), LOOSE, STRICT, Movement.FALLS),
        (_approvals(1, 3), STRICT, LOOSE, Movement.RISES),
        (_approvals(4, 0), STRICT, LOOSE, Movement.STAYS),
        (_approvals(1, 3), STRICT, FEW, Movement.LOSES_SCORE),
        (_approvals(1, 3), FEW, STRICT, Movement.GAINS_SCORE),
        (_approvals(1, 3), None, STRICT, Movement.GAINS_SCORE),
        (Tallies(), STRICT, LOOSE, Movement.HAS_NONE),
    ],
)
def test_a_preview_says_whether_a_merchant_would_rise_or_fall(
    tallies: Tallies,
    current: tuple[Criterion, ...] | None,
    draft: tuple[Criterion, ...],
    movement: Movement,
) -> None:
    assert preview(1, [("2026-10", tallies)], current, draft).movement is movement


def test_a_preview_of_months_is_the_mean_of_those_with_a_score() -> None:
    months = [
        ("2026-08", _approvals(1, 3)),
        ("2026-09", Tallies()),
        ("2026-10", _approvals(3, 1)),
    ]
    found = preview(1, months, LOOSE, STRICT)
    assert [month.draft for month in found.months] == [Fraction(5, 2), None, Fraction(15, 2)]
    assert (found.current, found.draft) == (Fraction(15, 2), Fraction(5))
