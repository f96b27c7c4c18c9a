"""The figures of events by cases, without a database, as the plain recomputation says them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from domain.clocks import Span
from domain.quality.cases import Case, CaseEvent, cases_of
from domain.quality.figures import Figure, Tallies, Tally, figures
from domain.quality.metrics import DEFINITIONS, Metric
from domain.quality.periods import day_of
from tests.quality.recompute import Account, Scope


def tallies(cases: Sequence[Case]) -> Tallies:
    """The cases counted, as SQL counts them."""
    counts: dict[Any, Tally] = {}
    quantiles = {}
    for case in cases:
        number, total = counts.get((case.kind, case.marks), Tally(0, 0))
        counts[case.kind, case.marks] = Tally(number + 1, total + (case.amount or 0))
    for kind in {case.kind for case in cases}:
        amounts = sorted(case.amount or 0 for case in cases if case.kind is kind)
        for percent in (50, 90):
            quantiles[kind, percent] = amounts[-(-len(amounts) * percent // 100) - 1]
    return Tallies(counts, quantiles)


def by_cases(
    orders: Mapping[int, Sequence[Mapping[str, Any]]], windows: Sequence[Span], scope: Scope
) -> dict[Metric, Account]:
    """All figures of the scope, as the desk computes them."""
    ordered = sorted(windows, key=lambda window: window.start)
    owners: dict[int, int] = {}
    cases = list[Case]()
    for order, events in orders.items():
        for case in cases_of(map(case_event, events), ordered):
            day = date.fromordinal(day_of(case.at, scope.zone))
            if scope.first <= day <= scope.last and scope.employee in (None, case.employee_id):
                owners[id(case)] = order
                cases.append(case)
    return {figure.metric: _account(figure, cases, owners) for figure in figures(tallies(cases))}


def case_event(row: Mapping[str, Any]) -> CaseEvent:
    names = (
        "sequence",
        "kind",
        "at",
        "actor_kind",
        "actor_id",
        "from_status",
        "to_status",
        "details",
    )
    return CaseEvent(**{name: row[name] for name in names})


def _account(figure: Figure, cases: Sequence[Case], owners: Mapping[int, int]) -> Account:
    one = DEFINITIONS[figure.metric]
    considered = [case for case in cases if case.kind in one.kinds and one.of in case.marks]
    counted = [case for case in considered if one.counts in case.marks]
    return Account(
        figure.numerator,
        figure.denominator,
        figure.value,
        *(sorted((owners[id(case)], case.at) for case in part) for part in (considered, counted)),
    )
