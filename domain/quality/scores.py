"""Scores: a merchant's figures by an evaluation plan, and the part that each figure adds.

Computed in fractions, so that everybody who computes a score gets the same one. It is rounded once,
where it leaves the server.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from domain.quality.figures import Figure
from domain.quality.metrics import DEFINITIONS, HOUR_MS, Measure, Metric, Unit
from domain.quality.plans import Criterion, Plan, exact

BEST: Final = 10
"""The score at the target."""

STEPS: Final = 1_000_000
"""Scores are stored as whole numbers: in so many parts of a point."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a criterion makes of a figure.

    ``score`` and ``adds`` are None if the figure has too few cases. The ``adds`` of all criteria
    together are the merchant's score.
    """

    criterion: Criterion
    value: float | None
    denominator: int
    score: Fraction | None
    adds: Fraction | None

    def stored(self) -> dict[str, Any]:
        """The explanation as JSON."""
        return {
            **self.criterion.stored(),
            "value": self.value,
            "denominator": self.denominator,
            "score": steps_of(self.score),
            "adds": steps_of(self.adds),
        }


@dataclass(frozen=True, slots=True)
class Score:
    """A merchant's score; None if no figure has enough cases."""

    value: Fraction | None
    explanations: Sequence[Explanation] = ()


NO_SCORE: Final = Score(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthScore:
    """A merchant's figures and score of a month, ``YYYY-MM``.

    ``score`` and those in ``explains`` are in ``STEPS`` of a point. ``made_at`` is when the
    snapshot was made that will never change; None without one.
    """

    merchant_id: int
    month: str
    time_zone: str
    definitions_version: int
    plan_version: int | None
    figures: Sequence[Figure]
    score: int | None
    explains: Sequence[Mapping[str, Any]]
    made_at: datetime | None


def score(plan: Plan, figures: Iterable[Figure]) -> Score:
    """The weighted mean of the scores of those figures that have enough cases."""
    by_metric = {figure.metric: figure for figure in figures}
    scores = [
        (criterion, by_metric[criterion.metric], _score(criterion, by_metric[criterion.metric]))
        for criterion in plan
    ]
    weight = sum(
        (exact(criterion.weight) for criterion, _, points in scores if points is not None),
        Fraction(0),
    )
    explanations = [
        Explanation(
            criterion,
            figure.value,
            figure.denominator,
            points,
            None if points is None else points * exact(criterion.weight) / weight,
        )
        for criterion, figure, points in scores
    ]
    added = [one.adds for one in explanations if one.adds is not None]
    return Score(sum(added, Fraction(0)) if added else None, explanations)


def steps_of(points: Fraction | None) -> int | None:
    """The points as they are stored, rounded half to even."""
    return None if points is None else round(points * STEPS)


def points_of(steps: int | None) -> float | None:
    """The points from the stored number."""
    return None if steps is None else steps / STEPS


def exact_value(figure: Figure) -> Fraction | None:
    """The value without the rounding of floats, from the whole numbers behind it."""
    definition = DEFINITIONS[figure.metric]
    if figure.value is None:
        return None
    match definition.measure:
        case Measure.RATE:
            return Fraction(figure.numerator or 0, figure.denominator)
        case Measure.MEAN:
            return _amount(figure.metric, figure.total or 0) / figure.denominator
        case _:
            return _amount(figure.metric, figure.value)


def _score(criterion: Criterion, figure: Figure) -> Fraction | None:
    value = exact_value(figure)
    if value is None or figure.denominator < criterion.minimum:
        return None
    target, floor = exact(criterion.target), exact(criterion.floor)
    points = BEST * (value - floor) / (target - floor)
    return min(max(points, Fraction(0)), Fraction(BEST))


def _amount(metric: Metric, number: float) -> Fraction:
    """Hours are whole milliseconds, and points are whole."""
    if DEFINITIONS[metric].unit is Unit.HOURS:
        return Fraction(round(number * HOUR_MS), HOUR_MS)
    return Fraction(round(number))


def stored_figures(figures: Iterable[Figure]) -> dict[str, Any]:
    """The figures as JSON, by their metrics."""
    return {
        figure.metric.value: [figure.numerator, figure.denominator, figure.total, figure.value]
        for figure in figures
    }


def read_figures(stored: Mapping[str, Any]) -> list[Figure]:
    """The figures from their JSON."""
    return [Figure(Metric(metric), *values) for metric, values in stored.items()]
