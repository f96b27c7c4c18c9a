"""Monthly snapshots: when they are made, once each, and that they never change."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.permissions import Permission
from jobs.quality.snapshots import make_due
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import World
from tests.quality.test_plans import plan, publish

pytestmark = pytest.mark.anyio

SCORE = """query($month: String!, $merchant: ID) {
  qualityScore(month: $month, merchantId: $merchant) {
    month timeZone isFinal madeAt definitionsVersion plan { version } score
    explains { metric name value target floor weight denominator minimum score adds }
    figures { metric numerator denominator total value }
    benchmark { score { p25 p50 p75 } figures { metric quartiles { p25 p50 p75 } } } } }"""
SCORES = """query($month: String!, $first: Int, $after: String) {
  qualityScores(month: $month, first: $first, after: $after) {
    nodes { merchant { name } month score planVersion madeAt }
    pageInfo { endCursor hasNextPage } } }"""

Count = Callable[[], Awaitable[None]]

SETTLED = datetime(2026, 12, 3, 16, tzinfo=UTC)
"""Three days after the end of November in Shanghai."""


async def test_a_month_has_its_snapshot_three_days_after_its_end(
    client: Client, given: World, clock: StoppedClock, count: Count
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    reviewer = await given.reviewer(shop)
    platform = client.as_((await given.platform()).token)
    reader = client.as_((await given.employee(shop, Permission.QUALITY_READ)).token)
    await publish(platform, plan())
    clock.pass_(timedelta(hours=2))
    await client.as_(reviewer.token).do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    await count()
    live = await reader.ask(SCORE, month="2026-11")
    assert (live["isFinal"], live["madeAt"], live["score"]) == (False, None, 10.0)
    database = given.parts.database
    assert await make_due(database, SETTLED - timedelta(microseconds=1)) == 0
    assert await make_due(database, SETTLED) == 1
    assert await make_due(database, SETTLED) == 0
    final = await reader.ask(SCORE, month="2026-11")
    assert final["isFinal"]
    assert final["plan"] == {"version": 1}
    for same in ("score", "explains", "figures", "timeZone", "definitionsVersion", "benchmark"):
        assert final[same] == live[same]
    ranked = await platform.ask(SCORES, month="2026-11")
    assert [(one["merchant"]["name"], one["score"]) for one in ranked["nodes"]] == [
        ("京北数码", 10)
    ]
