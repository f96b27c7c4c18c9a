"""Thresholds of figures: when a figure is so bad that an alert is raised, and when it is over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import auto
from typing import Any, Final, Self

from domain.names import Named
from domain.quality.figures import Figure
from domain.quality.metrics import DEFINITIONS, Metric, Unit

MAX_THRESHOLDS: Final = 20
"""The most thresholds of a merchant, and of the platform."""

LONGEST_WINDOW: Final = 90
"""The most days that a threshold looks back."""

MAX_MINIMUM: Final = 100_000
"""The largest minimum of cases."""

LIMITS: Final[Mapping[Unit, tuple[float, float]]] = {
    Unit.PART: (0.0, 1.0),
    Unit.HOURS: (0.0, 10_000.0),
    Unit.POINTS: (1.0, 5.0),
    Unit.CASES: (0.0, 1_000_000.0),
}
"""The least and the greatest limit of a figure, by its unit."""


class Side(Named):
    """On which side of its limit a figure is bad."""

    ABOVE = auto()
    BELOW = auto()


class SetBy(Named):
    """Who set a threshold."""

    PLATFORM = auto()
    MERCHANT = auto()


class AlertChange(Named):
    """What an event of an alert tells."""

    RAISED = auto()
    RECOVERED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit of a figure of the last ``days`` days, today included.

    With fewer cases than ``minimum`` the figure says nothing.
    """

    metric: Metric
    side: Side
    limit: float
    days: int
    minimum: int

    @property
    def key(self) -> str:
        """Tells the thresholds of one owner apart: two of one key would raise the same alert."""
        return f"{self.metric}:{self.side}:{self.days}"

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:  # Any: JSON
        return cls(
            metric=Metric(stored["metric"]),
            side=Side(stored["side"]),
            limit=float(stored["limit"]),
            days=int(stored["days"]),
            minimum=int(stored["minimum"]),
        )

    def stored(self) -> dict[str, Any]:  # Any: JSON
        return {
            "metric": self.metric,
            "side": self.side,
            "limit": self.limit,
            "days": self.days,
            "minimum": self.minimum,
        }

    def is_crossed(self, figure: Figure) -> bool | None:
        """Whether the figure is beyond the limit; None if it has too few cases to tell.

        The limit itself is still good. A figure without any case has no value: it is not beyond.
        """
        if figure.value is None:
            return False
        if figure.denominator < self.minimum:
            return None
        return figure.value > self.limit if self.side is Side.ABOVE else figure.value < self.limit


def limits_of(metric: Metric) -> tuple[float, float]:
    """The least and the greatest limit of a figure."""
    return LIMITS[DEFINITIONS[metric].unit]


@dataclass(frozen=True, slots=True)
class Watched:
    """A threshold in force, and who set it."""

    set_by: SetBy
    threshold: Threshold

    @property
    def key(self) -> str:
        """Tells the thresholds in force at one merchant apart."""
        return f"{self.set_by}:{self.threshold.key}"


def in_force(own: Iterable[Threshold], platforms: Iterable[Threshold]) -> Sequence[Watched]:
    """All thresholds that hold for a merchant. Its own do not replace the platform's."""
    return [
        *(Watched(SetBy.PLATFORM, threshold) for threshold in platforms),
        *(Watched(SetBy.MERCHANT, threshold) for threshold in own),
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the alert of a key: raised with ``watched``, or recovered.

    ``figure`` is None if the alert ends because its threshold was removed.
    """

    key: str
    change: AlertChange
    watched: Watched | None
    figure: Figure | None


def outcomes(
    watched: Iterable[Watched], figures: Mapping[tuple[int, Metric], Figure], open_: Iterable[str]
) -> list[Outcome]:
    """What changes: ``figures`` by days and metric, ``open_`` the keys of the open alerts."""
    still_open, changes = set(open_), list[Outcome]()
    for item in watched:
        figure = figures[item.threshold.days, item.threshold.metric]
        is_crossed, was_crossed = item.threshold.is_crossed(figure), item.key in still_open
        still_open.discard(item.key)
        if is_crossed and not was_crossed:
            changes.append(Outcome(item.key, AlertChange.RAISED, item, figure))
        elif is_crossed is False and was_crossed:
            changes.append(Outcome(item.key, AlertChange.RECOVERED, item, figure))
    changes += [Outcome(key, AlertChange.RECOVERED, None, None) for key in sorted(still_open)]
    return changes
