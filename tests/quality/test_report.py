"""Reports: the figures of a period, their series, and the orders behind each."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.client import Client
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
