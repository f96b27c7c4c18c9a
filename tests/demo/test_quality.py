"""The demo's figures of service quality: three months of them, different for each merchant."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from demo.evaluation import PLAN
from demo.plans import PLANS
from demo.schedule import HISTORY
from domain.quality.figures import Figure, Tallies, figures
from domain.quality.metrics import DEFINITIONS, Metric
from domain.quality.periods import Period
from domain.quality.plans import RANGES
from domain.quality.scores import STEPS
from domain.quality.thresholds import SetBy
from models.alerts import quality_alerts
from models.evaluation import evaluation_plans, quality_benchmarks, quality_snapshots
from models.merchant import merchants
from models.quality import quality_cases
from models.queries.quality_tallies import Scope, count_cases, standing
from models.service_order import service_orders
from tests.demo.reading import NOW, Made, rows

pytestmark = pytest.mark.anyio

WORKING = ("digital", "home", "outdoor", "food", "book", "toys")
"""The merchants with orders; all are in Shanghai's time zone."""

TODAY = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()
EXTREMES: Mapping[Metric, tuple[str, str]] = {
    Metric.ON_TIME_REVIEW: ("digital", "food"),
    Metric.AUTO_APPROVAL: ("food", "digital"),
    Metric.REVIEW_HOURS_MEAN: ("food", "digital"),
    Metric.ON_TIME_PROCESSING: ("digital", "outdoor"),
    Metric.HANDLING_HOURS_MEAN: ("food", "digital"),
    Metric.REJECTION: ("home", "digital"),
    Metric.UNSOLVED: ("outdoor", "digital"),
    Metric.SATISFACTION: ("digital", "outdoor"),
    Metric.BAD_REVIEWS: ("outdoor", "digital"),
    Metric.OVERTURNED: ("home", "digital"),
}
"""The merchant with the greatest value, and one with much less."""


@pytest.fixture
async def quarter(made: Made) -> Mapping[str, Mapping[Metric, Figure]]:
    """The figures of 90 days, by merchant."""
    keys = {plan.name: plan.key for plan in PLANS}
    period = Period(TODAY - timedelta(days=89), TODAY)
    counted = {}
    async with made.database.read() as connection:
        for shop in made.shops.values():
            tallies = await count_cases(connection, Scope(merchant_id=shop.id, period=period))
            counted[keys[shop.name]] = {
                figure.metric: figure for figure in figures(tallies.get(None, Tallies()))
            }
    return counted


async def test_the_first_visitor_finds_current_figures(made: Made) -> None:
    for row in await rows(made.database, merchants):
        async with made.database.read() as connection:
            assert (await standing(connection, row.id)).is_current


async def test_every_figure_of_every_merchant_with_orders_has_a_value(
    quarter: Mapping[str, Mapping[Metric, Figure]],
) -> None:
    for key in WORKING:
        assert {metric for metric, figure in quarter[key].items() if figure.value is None} == set()


@pytest.mark.parametrize("metric", EXTREMES)
async def test_the_merchants_differ(
    quarter: Mapping[str, Mapping[Metric, Figure]], metric: Metric
) -> None:
    values = {key: quarter[key][metric].value or 0 for key in WORKING}
    greatest, less = EXTREMES[metric]
    assert values[greatest] == max(values.values()), values
    assert values[greatest] > 1.3 * values[less], values


async def test_orders_ended_in_each_ten_days_of_the_last_ninety(made: Made) -> None:
    ended = Counter(
        (order.merchant_id, (NOW - order.finished_at) // timedelta(days=10))
        for order in await rows(made.database, service_orders)
        if order.finished_at is not None
    )
    working = {merchant for merchant, _ in ended}
    assert len(working) == len(WORKING)
    for merchant in working:
        counts = [ended[merchant, decade] for decade in range(HISTORY.days // 10)]
        assert min(counts) >= 3
        assert max(counts) < sum(counts) / 2.5


async def test_goods_have_categories_and_their_cases_too(made: Made) -> None:
    assert None not in {order.category for order in made.orders}
    assert None not in {case.category for case in await rows(made.database, quality_cases)}


async def test_the_plan_is_older_than_the_history_and_in_the_ranges_of_the_api(made: Made) -> None:
    [row] = await rows(made.database, evaluation_plans)
    first = min(row.applied_at for row in made.orders)
    assert row.published_at < first
    for criterion in PLAN:
        least, most = RANGES[DEFINITIONS[criterion.metric].unit]
        assert least <= min(criterion.target, criterion.floor) <= most
        assert least <= max(criterion.target, criterion.floor) <= most


async def test_finished_months_have_scores_that_differ_and_a_benchmark(made: Made) -> None:
    keys = {plan.name: plan.key for plan in PLANS}
    snapshots = await rows(made.database, quality_snapshots)
    scores: dict[str, dict[str, float]] = {"2026-09": {}, "2026-10": {}}
    for row in snapshots:
        assert row.plan_version == (None if row.month < "2026-07" else 1)
        if row.month in scores:
            scores[row.month][keys[made.shops[row.merchant_id].name]] = row.score / STEPS
    for by_key in scores.values():
        # "food" is suspended: it gets no snapshot.
        assert by_key.keys() == {"digital", "home", "outdoor", "book", "toys"}
        assert by_key["digital"] == max(by_key.values()) > by_key["outdoor"] + 3
        assert by_key["book"] > by_key["home"] + 1
        assert min(by_key.values()) > 1
    for row in await rows(made.database, quality_benchmarks):
        if row.month in scores:
            assert row.content["SCORE"][:3] == sorted(scores[row.month].values())[1:4]


async def test_merchants_have_open_alerts_by_the_platforms_thresholds_and_by_their_own(
    made: Made,
) -> None:
    keys = {plan.name: plan.key for plan in PLANS}
    alerts = await rows(made.database, quality_alerts)
    assert {(keys[made.shops[row.merchant_id].name], row.set_by, row.metric) for row in alerts} == {
        ("digital", SetBy.MERCHANT, Metric.REVIEW_HOURS_P90),
        ("food", SetBy.PLATFORM, Metric.ON_TIME_REVIEW),
        ("outdoor", SetBy.PLATFORM, Metric.ON_TIME_PROCESSING),
        ("outdoor", SetBy.PLATFORM, Metric.BAD_REVIEWS),
    }
    assert {row.recovered_at for row in alerts} == {None}
