"""Scores, plans and snapshots are found by an index, whatever there is beside them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from database.database import Database
from domain.quality.metrics import VERSION
from jobs.quality.snapshots import make_due
from models.queries.quality_cases import Move, create_heads, move_heads
from tests.client import Client
from tests.given import World
from tests.house.test_plans import Plans, watching
from tests.quality.test_snapshots import SCORE, SCORES, SETTLED, opened_in

pytestmark = pytest.mark.anyio

WALKS = {"SCAN evaluation_plan", "SCAN CONSTANT ROW"}
"""What SQLite calls a walk along a key, in its order and up to a limit, and two conditions."""

PAGE: dict[str, Any] = {"month": "2026-10", "first": 2}


async def test_scores_and_plans_come_from_indexes(
    client: Client, given: World, database: Database
) -> None:
    plans = Plans(database)
    shops = [await given.merchant(f"店 {number}") for number in range(3)]
    for number, shop in enumerate(shops, 1):
        await given.evaluation_plan(number)
        await given.quality_snapshot(shop, "2026-10")
    platform = client.as_((await given.platform()).token)
    cursor = (await platform.ask(SCORES, **PAGE))["pageInfo"]["endCursor"]
    owner = client.as_(shops[0].owner.token)
    with watching(database.reading) as sent:
        await platform.ask(SCORES, **PAGE)
        await platform.ask(SCORES, **PAGE, after=cursor)
        for month in ("2026-10", "2026-11"):
            await owner.ask(SCORE, month=month)
        await owner.ask("{ evaluationPlans(first: 2) { nodes { version } } }")
    names = ("quality_snapshot", "evaluation_plan", "quality_benchmark")
    asked = [one for one in sent if any(name in one.text for name in names)]
    assert len(asked) >= 8
    for one in asked:
        assert set(await plans.steps(one)) <= WALKS, one.text


async def test_a_merchants_month_is_found_by_its_key_and_its_uncounted_events_by_theirs(
    given: World, database: Database
) -> None:
    plans = Plans(database)
    shop = await given.merchant()
    await opened_in(given, shop, datetime(2026, 9, 1, tzinfo=UTC))
    await given.order(shop)
    async with database.write() as connection:
        await create_heads(connection, [shop.id])
        derived = Move(position=0, rebuilt_to=None, version=VERSION, time_zone="Asia/Shanghai")
        await move_heads(connection, {shop.id: derived})
    with watching(database.writing) as sent:
        await make_due(database, SETTLED)
    asked = [one for one in sent if "event_outbox" in one.text]
    assert asked
    for one in asked:
        assert set(await plans.steps(one)) <= WALKS, one.text
