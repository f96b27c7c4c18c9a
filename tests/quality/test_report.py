"""Reports: the figures of a period, their series, and the orders behind each."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import RECEIPT, World

pytestmark = pytest.mark.anyio

REPORT = """query($period: QualityPeriod!, $by: QualityDimension, $employee: ID, $merchant: ID,
    $metrics: [QualityMetric!], $part: QualityPart! = DENOMINATOR) {
  qualityReport(period: $period, by: $by, employeeId: $employee, merchantId: $merchant,
      metrics: $metrics, part: $part, first: 100) {
    firstDay lastDay timeZone isCurrent merchant { name }
    figures { metric name definition unit numerator denominator total value
      orders { totalCount nodes { kind at day marks hours points employee { name }
        serviceOrder { number } } } }
    series { day employee { name } reason category
      figures { metric numerator denominator total value } } } }"""

Count = Callable[[], Awaitable[None]]


def by_metric(report: Any) -> dict[str, Any]:
    return {figure["metric"]: figure for figure in report["figures"]}


async def test_a_month_of_three_orders(
    client: Client, given: World, clock: StoppedClock, count: Count
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 3)
    reviewer = await given.reviewer(shop)
    owner, staff = client.as_(shop.owner.token), client.as_(reviewer.token)
    day = f"{clock.now().astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}"
    clock.pass_(timedelta(hours=2))
    await staff.do("reviewServiceOrder", id=orders[0].id, decision={"approve": {}})
    clock.pass_(timedelta(hours=2))
    reason = {"reason": "NOT_ELIGIBLE.USED", "customerNote": "超出范围"}
    await staff.do("reviewServiceOrder", id=orders[1].id, decision={"reject": reason})
    await owner.do("shipServiceOrder", id=orders[0].id, carrier="顺丰", waybill="SF123456")
    clock.pass_(timedelta(hours=10))
    await owner.do("receiveServiceOrder", id=orders[0].id, **RECEIPT)
    await count()
    report = await owner.ask(REPORT, period={"month": day[:7]})
    figures = by_metric(report)
    reviewed = figures["ON_TIME_REVIEW"]
    assert (reviewed["numerator"], reviewed["denominator"], reviewed["value"]) == (2, 2, 1.0)
    assert reviewed["orders"]["totalCount"] == 2
    assert figures["REVIEW_HOURS_MEAN"]["value"] == 3.0
    assert figures["REJECTION"]["value"] == 0.5
    assert figures["SATISFACTION"]["value"] is None
    assert report["isCurrent"]


async def test_the_orders_of_a_figure_are_counted_however_many_they_are(
    client: Client,
    given: World,
    clock: StoppedClock,
    count: Count,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("projection.page_plan.MAX_TOTAL", 1)
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    for order, decision in zip(
        await given.application(shop, 3),
        (
            {"approve": {}},
            {"approve": {}},
            {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "超出范围"}},
        ),
        strict=True,
    ):
        await owner.do("reviewServiceOrder", id=order.id, decision=decision)
    await count()
    today = {"day": f"{clock.now().astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}"}
    for part, most in (("DENOMINATOR", 3), ("NUMERATOR", 2)):
        report = await owner.ask(REPORT, period=today, part=part)
        orders = by_metric(report)["APPROVAL"]["orders"]
        assert orders["totalCount"] == len(orders["nodes"]) == most


@pytest.mark.parametrize("day", ["9999-12-27", "9999-12-31"])
async def test_a_week_that_ends_after_the_last_date_is_bad_input(
    client: Client, given: World, day: str
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    with pytest.raises(Failed) as failed:
        await owner.ask(REPORT, period={"week": day})
    assert failed.value.code == "BAD_USER_INPUT"
    assert failed.value.extensions["argument"] == ["period", "week"]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ({"week": "9999-12-26"}, "9999-12-20", "9999-12-26"),
        ({"week": "0001-01-01"}, "0001-01-01", "0001-01-07"),
        ({"day": "9999-12-31"}, "9999-12-31", "9999-12-31"),
        ({"day": "2024-02-29"}, "2024-02-29", "2024-02-29"),
        ({"month": "0001-01"}, "0001-01-01", "0001-01-31"),
        ({"month": "9999-11"}, "9999-11-01", "9999-11-30"),
    ],
)
async def test_a_period_may_be_at_the_end_of_the_calendar(
    client: Client, given: World, period: dict[str, str], first: str, last: str
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    report = await owner.ask(REPORT, period=period, metrics=[])
    assert (report["firstDay"], report["lastDay"]) == (first, last)


async def test_a_month_of_the_first_century_has_four_digits(client: Client, given: World) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    score = await owner.ask('{ qualityScore(month: "0001-02") { month } }')
    assert score["month"] == "0001-02"


async def test_a_long_series_counts_as_many_values_as_it_can_have(
    client: Client, given: World
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    series = """qualityReport(first: 1, by: DAY,
        period: {range: {first: "2026-01-01", last: "2026-12-31"}}) {
      series { day figures { metric numerator denominator total value } } }"""
    aliased = " ".join(f"a{number}: {series}" for number in range(4))
    assert len((await owner.ask(f"{{ {series} }}"))["series"]) == 365
    with pytest.raises(Failed) as failed:
        await owner.ask_all(f"{{ {aliased} }}", {})
    assert (failed.value.code, failed.value.extensions["limit"]) == ("QUERY_TOO_COMPLEX", "values")
