"""Figures from tallies: rates, means, quantiles, and nothing of nothing."""

import pytest

from domain.quality.cases import NONE, CaseKind, Mark
from domain.quality.figures import QUANTILE_KINDS, Figure, Tallies, Tally, figures
from domain.quality.metrics import DEFINITIONS, HOUR_MS, QUANTILES, Measure, Metric

GOOD = Mark.ON_TIME | Mark.APPROVED | Mark.BY_PERSON
AUTO = Mark.APPROVED | Mark.AUTOMATIC
TALLIES = Tallies(
    {
        (CaseKind.REVIEW, GOOD): Tally(3, 6 * HOUR_MS),
        (CaseKind.REVIEW, AUTO): Tally(1, 48 * HOUR_MS),
        (CaseKind.PROCESSING, Mark.BY_PERSON): Tally(1, 14 * HOUR_MS),
        (CaseKind.RATING, Mark.BY_PERSON): Tally(2, 9),
        (CaseKind.RATING, Mark.BY_PERSON | Mark.BAD): Tally(1, 2),
    },
    {(CaseKind.REVIEW, 50): 2 * HOUR_MS, (CaseKind.REVIEW, 90): 48 * HOUR_MS},
)


def figure_of(metric: Metric, tallies: Tallies = TALLIES) -> Figure:
    [figure] = figures(tallies, [metric])
    return figure


@pytest.mark.parametrize(
    ("metric", "numerator", "denominator", "total", "value"),
    [
        (Metric.ON_TIME_REVIEW, 3, 4, None, 0.75),
        (Metric.AUTO_APPROVAL, 1, 4, None, 0.25),
        (Metric.APPROVAL, 4, 4, None, 1.0),
        (Metric.REJECTION, 0, 4, None, 0.0),
        (Metric.REVIEW_HOURS_MEAN, None, 4, 54.0, 13.5),
        (Metric.REVIEW_HOURS_P50, None, 4, None, 2.0),
        (Metric.REVIEW_HOURS_P90, None, 4, None, 48.0),
        (Metric.SATISFACTION, None, 3, 11.0, 11 / 3),
        (Metric.BAD_REVIEWS, 1, 3, None, 1 / 3),
        (Metric.HANDLED, None, 4, None, 4.0),
        (Metric.WORK_HOURS_MEAN, None, 4, 20.0, 5.0),
        (Metric.OVERTURNED, 0, 3, None, 0.0),
        (Metric.ON_TIME_PROCESSING, 0, 1, None, 0.0),
    ],
)
def test_a_figure_follows_from_the_cases_that_its_definition_names(
    metric: Metric,
    numerator: int | None,
    denominator: int,
    total: float | None,
    value: float,
) -> None:
    assert figure_of(metric) == Figure(metric, numerator, denominator, total, value)


@pytest.mark.parametrize("metric", Metric)
def test_a_figure_of_nothing_is_null_and_a_count_is_zero(metric: Metric) -> None:
    figure, measure = figure_of(metric, Tallies()), DEFINITIONS[metric].measure
    assert figure.denominator == 0
    assert figure.value == (0.0 if measure is Measure.COUNT else None)
    assert figure.numerator == (0 if measure is Measure.RATE else None)


def test_the_figures_come_in_the_order_that_was_asked_for() -> None:
    metrics = [Metric.UNSOLVED, Metric.APPROVAL]
    assert [figure.metric for figure in figures(TALLIES, metrics)] == metrics
    assert [figure.metric for figure in figures(TALLIES)] == list(Metric)


@pytest.mark.parametrize("metric", Metric)
def test_each_figure_has_one_definition_that_makes_sense(metric: Metric) -> None:
    one = DEFINITIONS[metric]
    assert one.metric is metric
    assert (one.measure is Measure.RATE) == (one.counts is not NONE)
    if one.measure in QUANTILES:
        assert len(one.kinds) == 1
        assert one.of is NONE, "quantiles are not computed for some of a kind"
        assert set(one.kinds) <= QUANTILE_KINDS
