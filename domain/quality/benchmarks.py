"""The benchmark of a month: quartiles over merchants, which show none of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from domain.quality.metrics import Metric
from domain.quality.plans import SCORED
from domain.quality.quantiles import nearest_rank

FEWEST: Final = 5
"""Fewer merchants have no quartiles: each could tell the others' values from its own."""

PERCENTS: Final = (25, 50, 75)

SCORE: Final = "SCORE"
"""The name of the score among the names of figures."""


class Quartiles(NamedTuple):
    """The smallest values that a quarter, a half and three quarters do not exceed."""

    p25: float
    p50: float
    p75: float


def quartiles(values: Sequence[float]) -> Quartiles | None:
    """None for fewer values than ``FEWEST``."""
    if len(values) < FEWEST:
        return None
    ordered = sorted(values)
    return Quartiles(*(ordered[nearest_rank(len(ordered), percent) - 1] for percent in PERCENTS))


class Benchmark:
    """Collects the values of merchants, whose names it never learns."""

    def __init__(self) -> None:
        self.merchants = 0
        self._values: dict[str, list[float]] = {
            name: [] for name in (SCORE, *(metric.value for metric in SCORED))
        }

    def add(self, score: float | None, values: Mapping[Metric, float | None]) -> None:
        """Add a merchant. What has no value for it does not count."""
        self.merchants += 1
        named = {SCORE: score, **{metric.value: value for metric, value in values.items()}}
        for name, collected in self._values.items():
            if (value := named.get(name)) is not None:
                collected.append(value)

    def stored(self, earlier: Mapping[str, Any]) -> dict[str, Any]:
        """The quartiles as JSON, by the names of the figures, with the number of values of each.

        Those of too few are left out. ``earlier`` is what is stored: its quartiles change together
        with ``FEWEST`` new values or more, because two states would tell the difference.
        """
        content = dict(earlier)
        for name, values in self._values.items():
            counted = earlier[name][-1] if name in earlier else 0
            found = quartiles(values) if len(values) - counted >= FEWEST else None
            if found is not None:
                content[name] = [*found, len(values)]
        return content


def read_benchmark(stored: Mapping[str, Any]) -> dict[str, Quartiles]:
    """The quartiles from their JSON."""
    return {name: Quartiles(*values[:-1]) for name, values in stored.items()}
