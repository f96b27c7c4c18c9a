"""The job that derives cases: whatever happens to it, they follow from the events."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from database.database import Database
from doctor import quality
from domain.actions import Action
from jobs.quality import derive as job
from jobs.quality.derive import derive
from jobs.sequencer import purge, sequence
from models.clock import WallClock
from models.feed import feed, feed_heads, outbox
from models.merchant import merchants
from models.quality import quality_cases, quality_heads
from models.queries.quality_cases import reset_heads
from tests.client import Client
from tests.conftest import StoppedClock
from tests.faults.site import uncounted
from tests.feed.test_interrupted_sequencers import MOST_STATEMENTS, PATIENCE_S, doomed
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio

Count = Callable[[], Awaitable[None]]


async def reviewed(given: World, shop: Shop, number: int = 1) -> Sequence[OrderRef]:
    """Orders that were approved: each has a case."""
    orders = await given.application(shop, number)
    for order in orders:
        await given.take(order, Action.APPROVE)
    return orders


async def place(database: Database) -> None:
    while await sequence(database, WallClock().now()):
        pass


async def write(database: Database, *statements: Any) -> None:  # Any: of whatever they return
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(statement)


async def check(database: Database, shop: Shop, number: int) -> None:
    """Every event is counted, the doctor finds nothing, and there are so many cases."""
    assert shop.id not in await uncounted(database)
    async with database.read() as connection:
        findings = [finding.line() async for finding in quality.examine(connection, shop.id)]
        of_shop = quality_cases.c.merchant_id == shop.id
        cases = sa.select(sa.func.count()).select_from(quality_cases).where(of_shop)
        assert (findings, await connection.scalar(cases)) == ([], number)


async def test_a_job_that_is_killed_at_any_statement_loses_and_doubles_nothing(
    given: World, database: Database, database_url: str
) -> None:
    shop, killed, number = await given.merchant(), 0, 0
    await derive(database)  # a first round creates the heads, and no more
    with doomed(database_url, "derive") as jobs:
        for statement in range(1, MOST_STATEMENTS):
            number += len(await reviewed(given, shop))
            await place(database)
            if not await jobs.is_killed(statement):
                break
            killed += 1
    async with asyncio.timeout(PATIENCE_S):
        while shop.id in await uncounted(database):  # a killed process may hold its locks yet
            await derive(database)
    assert 6 < killed < MOST_STATEMENTS - 1
    await check(database, shop, number)


async def test_several_jobs_at_once_double_nothing_and_miss_nothing(
    given: World,
    database: Database,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "WINDOW", 3)
    monkeypatch.setattr(job, "ORDERS", 2)
    shops = [await given.merchant(name) for name in ("甲", "乙")]
    written = asyncio.Event()

    async def keep(own: Database) -> None:
        while not written.is_set():
            await derive(own)

    async with AsyncExitStack() as stack:
        others = [Database.open(database_url) for _ in range(3)]
        for other in others:
            stack.push_async_callback(other.close)
        async with asyncio.TaskGroup() as tasks:
            for other in others:
                tasks.create_task(keep(other))
            for _ in range(6):
                for shop in shops:
                    await reviewed(given, shop, 2)
                await place(database)
            while await uncounted(database):  # noqa: ASYNC110 - the jobs do it
                await asyncio.sleep(0.01)
            written.set()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    for shop in shops:
        await check(database, shop, 12)


async def test_cases_are_derived_anew_after_unread_places_were_deleted(
    given: World, database: Database, count: Count
) -> None:
    shop = await given.merchant()
    await reviewed(given, shop)
    await count()
    await reviewed(given, shop, 2)
    await place(database)
    await purge(database, datetime.now(UTC) + timedelta(hours=1))
    await count()
    await check(database, shop, 3)


async def test_cases_of_a_merchant_from_before_the_feed_are_derived(
    given: World, database: Database, count: Count
) -> None:
    shop = await given.merchant()
    await reviewed(given, shop, 2)
    await count()
    tables = (quality_cases, quality_heads, outbox, feed, feed_heads)
    await write(database, *(sa.delete(t).where(t.c.merchant_id == shop.id) for t in tables))
    await count()
    await check(database, shop, 2)


async def test_after_a_change_of_the_time_zone_cases_move_to_their_day_there(
    client: Client, given: World, clock: StoppedClock, database: Database, count: Count
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    clock.time = datetime(2026, 11, 22, 17, tzinfo=UTC)  # the 23rd in Shanghai
    [order] = await given.application(shop)
    await owner.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    await count()
    question = """query($day: String!) { qualityReport(period: {range: {first: $day, last: $day}},
        metrics: [APPROVAL]) { isCurrent timeZone figures { denominator } } }"""
    figures = [{"denominator": 1}], [{"denominator": 0}]
    report = await owner.ask(question, day="2026-11-23")
    assert (report["isCurrent"], report["figures"]) == (True, figures[0])
    await owner.do("setTimeZone", timeZone="America/New_York")
    assert not (await owner.ask(question, day="2026-11-23"))["isCurrent"]
    await count()
    for day, expected in zip(("2026-11-22", "2026-11-23"), figures, strict=True):
        report = await owner.ask(question, day=day)
        assert (report["isCurrent"], report["figures"]) == (True, expected)
        assert report["timeZone"] == "America/New_York"
    await check(database, shop, 1)


async def test_a_new_version_of_the_definitions_derives_all_cases_anew_page_by_page(
    given: World, database: Database, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "ORDERS", 2)
    shop = await given.merchant()
    await reviewed(given, shop, 5)
    await count()
    await write(
        database,
        sa.delete(quality_cases).where(quality_cases.c.merchant_id == shop.id),
        sa.update(quality_heads).values(version=0),
    )
    assert await derive(database)
    async with database.read() as connection:  # the doctor compares what was reached, and no more
        assert [finding async for finding in quality.examine(connection, shop.id)] == []
    await count()
    await check(database, shop, 5)


async def test_the_command_lets_the_job_derive_all_cases_anew(
    client: Client, given: World, database: Database, count: Count
) -> None:
    shop = await given.merchant()
    await reviewed(given, shop)
    await count()
    await write(database, sa.update(quality_cases).values(amount=17))
    await count()
    question = '{ qualityReport(period: {month: "2026-11"}, metrics: []) { isCurrent } }'
    owner = client.as_(shop.owner.token)
    assert (await owner.ask(question))["isCurrent"]
    async with database.write() as connection:
        await reset_heads(connection)
    assert not (await owner.ask(question))["isCurrent"]
    await count()
    assert (await owner.ask(question))["isCurrent"]
    await check(database, shop, 1)


async def test_a_late_event_corrects_the_case_on_its_own_day(
    client: Client, given: World, clock: StoppedClock, database: Database, count: Count
) -> None:
    shop = await given.merchant()
    owner, [order] = client.as_(shop.owner.token), await given.application(shop)
    reason = {"reason": "NOT_ELIGIBLE.USED", "customerNote": "超出范围"}
    await owner.do("reviewServiceOrder", id=order.id, decision={"reject": reason})
    await count()
    await check(database, shop, 2)
    clock.pass_(timedelta(days=3))
    await owner.do("reopenServiceOrder", id=order.id, reason="看错了")
    await count()
    await check(database, shop, 1)  # the end is none any more
    day = f"{clock.now() - timedelta(days=3):%Y-%m-%d}"
    report = await owner.ask(
        """query($day: String!) { qualityReport(period: {range: {first: $day, last: $day}},
            metrics: [REOPENED, OVERTURNED]) { figures { numerator denominator } } }""",
        day=day,
    )
    assert report["figures"] == [{"numerator": 1, "denominator": 1}] * 2


async def test_the_bug_of_one_merchant_does_not_stop_the_others(
    given: World, database: Database, count: Count, caplog: pytest.LogCaptureFixture
) -> None:
    broken, shop = await given.merchant("甲"), await given.merchant("乙")
    for one in (broken, shop):
        await reviewed(given, one)
    of_broken = merchants.c.id == broken.id
    await write(database, sa.update(merchants).where(of_broken).values(time_zone="Nowhere/At_All"))
    await count()
    await check(database, shop, 1)
    assert "could not derive the quality cases" in caplog.text
    await write(database, sa.update(merchants).where(of_broken).values(time_zone="Asia/Shanghai"))
    await count()
    await check(database, broken, 1)
