"""Evaluation plans: how the figures of a merchant's month make its score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from domain.quality.metrics import DEFINITIONS, Measure, Metric, Unit

RANGES: Final[Mapping[Unit, tuple[float, float]]] = {
    Unit.PART: (0, 1),
    Unit.HOURS: (0, 10_000),
    Unit.POINTS: (1, 5),
}
"""The values that a target and a floor can have."""

MAX_WEIGHT: Final = 1_000
MAX_MINIMUM: Final = 1_000_000

SCORED: Final = tuple(
    metric for metric, one in DEFINITIONS.items() if one.measure is not Measure.COUNT
)
"""The figures that a plan can score. A count says how large a merchant is, not how good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What a plan expects of a figure, in the figure's unit.

    The score is 10 at the target and 0 at the floor; the target is the smaller of the two for a
    figure that is better if it is lower. With fewer cases than the minimum there is no score.
    """

    metric: Metric
    target: float
    floor: float
    weight: float
    minimum: int

    def stored(self) -> dict[str, Any]:
        """The criterion as JSON."""
        return {
            "metric": self.metric.value,
            "target": float(self.target),
            "floor": float(self.floor),
            "weight": float(self.weight),
            "minimum": self.minimum,
        }


Plan = tuple[Criterion, ...]
"""The criteria, in the order of the metrics; no two of one metric."""


def plan_of(criteria: Sequence[Criterion]) -> Plan:
    """The criteria in the order of the metrics, in which equal plans are equal."""
    order = {metric: position for position, metric in enumerate(Metric)}
    return tuple(sorted(criteria, key=lambda one: order[one.metric]))


def stored_plan(plan: Plan) -> dict[str, Any]:
    """The plan as JSON."""
    return {"criteria": [criterion.stored() for criterion in plan]}


def read_plan(stored: Mapping[str, Any]) -> Plan:
    """The plan from its JSON."""
    return tuple(
        Criterion(
            metric=Metric(one["metric"]),
            target=one["target"],
            floor=one["floor"],
            weight=one["weight"],
            minimum=one["minimum"],
        )
        for one in stored["criteria"]
    )


def exact(number: float) -> Fraction:
    """The number as it is written: 0.95 is 19/20, which no float is."""
    return Fraction(str(number))
