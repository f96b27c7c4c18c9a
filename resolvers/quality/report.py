"""The figures of a merchant in a period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.quality.figures import Figure, Tallies, figures
from domain.quality.metrics import DEFINITIONS, QUANTILES, Metric
from domain.quality.series import MAX_POINTS, Dimension
from models.queries.quality_tallies import Group, Scope, count_cases, standing
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of one day, employee, reason or category."""

    by: Dimension
    group: Group
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a scope, and the series."""

    scope: Scope
    time_zone: str
    is_current: bool
    figures: Sequence[Figure]
    series: Sequence[Point]


async def report(
    context: Context, scope: Scope, by: Dimension | None, metrics: Sequence[Metric]
) -> Report:
    """Compute the figures, and with ``by`` the series, all from one state of the database."""
    quantiles = any(DEFINITIONS[metric].measure in QUANTILES for metric in metrics)
    async with context.read() as connection:
        state = await standing(connection, scope.merchant_id)
        whole = await count_cases(connection, scope, quantiles=quantiles)
        groups = {} if by is None else await count_cases(connection, scope, by, quantiles=quantiles)
    series = [] if by is None else _series(scope, by, groups, metrics)
    totals = figures(whole.get(None, Tallies()), metrics)
    return Report(scope, state.time_zone, state.is_current, totals, series)


def _series(
    scope: Scope, by: Dimension, groups: Mapping[Group, Tallies], metrics: Sequence[Metric]
) -> list[Point]:
    names: Sequence[Group]
    if by is Dimension.DAY:
        names = [day.toordinal() for day in scope.period.each_day()]
    else:
        names = sorted(groups, key=lambda name: (-_size(groups[name]), str(name)))[:MAX_POINTS]
    empty = figures(Tallies(), metrics)  # made once for all days without a case
    return [
        Point(by, name, figures(groups[name], metrics) if name in groups else empty)
        for name in names
    ]


def _size(tallies: Tallies) -> int:
    return sum(tally.number for tally in tallies.counts.values())
