"""Computing figures from tallies of cases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from domain.quality.cases import CaseKind, Mark
from domain.quality.metrics import (
    DEFINITIONS,
    HOUR_MS,
    QUANTILES,
    Definition,
    Measure,
    Metric,
    Unit,
)

QUANTILE_KINDS: Final = frozenset(
    kind for one in DEFINITIONS.values() if one.measure in QUANTILES for kind in one.kinds
)
"""The kinds of cases of which quantiles are asked for."""


class Tally(NamedTuple):
    """How many cases there are, and the sum of their amounts."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Tallies:
    """The cases of a merchant's period, counted by kind and marks.

    ``quantiles`` are amounts, by kind and percent; a kind without cases has none.
    """

    counts: Mapping[tuple[CaseKind, Mark], Tally] = field(default_factory=dict)
    quantiles: Mapping[tuple[CaseKind, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a period. ``value`` is in the unit of its definition; None without cases.

    ``numerator`` is None unless it is a rate. ``total`` is the sum of the hours or the points of
    a mean, None for any other.
    """

    metric: Metric
    numerator: int | None
    denominator: int
    total: float | None
    value: float | None


def figures(tallies: Tallies, metrics: Iterable[Metric] = Metric) -> list[Figure]:
    """The figures, in the order of the metrics."""
    by_kind: _ByKind = {}
    for (kind, marks), tally in tallies.counts.items():
        # As whole numbers: a series has thousands of figures, and flags are slow to compare.
        by_kind.setdefault(kind, []).append((int(marks), tally))
    return [_figure(DEFINITIONS[metric], by_kind, tallies.quantiles) for metric in metrics]


_ByKind = dict[CaseKind, list[tuple[int, Tally]]]


def _figure(
    definition: Definition, by_kind: _ByKind, quantiles: Mapping[tuple[CaseKind, int], int]
) -> Figure:
    of, counts = int(definition.of), int(definition.counts)
    considered = [
        (marks, tally)
        for kind in definition.kinds
        for marks, tally in by_kind.get(kind, ())
        if marks & of == of
    ]
    denominator = sum([tally.number for _, tally in considered])
    numerator = total = value = None
    match definition.measure:
        case Measure.RATE:
            numerator = sum(
                [tally.number for marks, tally in considered if marks & counts == counts]
            )
            value = numerator / denominator if denominator else None
        case Measure.COUNT:
            value = float(denominator)
        case Measure.MEAN:
            total = _in_unit(sum(tally.total for _, tally in considered), definition)
            value = total / denominator if denominator else None
        case Measure.P50 | Measure.P90:
            [kind] = definition.kinds
            amount = quantiles.get((kind, QUANTILES[definition.measure]))
            value = None if amount is None else _in_unit(amount, definition)
    return Figure(definition.metric, numerator, denominator, total, value)


def _in_unit(amount: int, definition: Definition) -> float:
    return amount / HOUR_MS if definition.unit is Unit.HOURS else float(amount)
