"""Monthly snapshots: when they are made, once each, and that they never change."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from jobs.quality.snapshots import keep_making, make_due
from models.clock import TimeState
from models.evaluation import quality_snapshots
from models.merchant import merchants
from models.quality import quality_heads
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import Shop, World
from tests.quality.test_plans import criterion, plan, publish
from tests.test_races import other_parts

__all__ = ["other_parts"]  # a fixture

pytestmark = pytest.mark.anyio

SCORE = """query($month: String!, $merchant: ID) {
  qualityScore(month: $month, merchantId: $merchant) {
    merchant { name } month timeZone isFinal madeAt definitionsVersion plan { version } score
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

MOMENT = timedelta(microseconds=1)


async def opened_in(given: World, shop: Shop, at: datetime, **columns: object) -> None:
    """Let a merchant have existed since an instant."""
    async with given.parts.database.write() as connection:
        change = sa.update(merchants).where(merchants.c.id == shop.id)
        await connection.execute(change.values(created_at=at, **columns))


async def snapshots(given: World, shop: Shop) -> list[tuple[str, int | None, int]]:
    """The months of a merchant's snapshots, with the version of the plan and the score."""
    row = quality_snapshots.c
    async with given.parts.database.read() as connection:
        rows = await connection.execute(
            sa.select(row.month, row.plan_version, row.score)
            .where(row.merchant_id == shop.id)
            .order_by(row.month)
        )
        return [(month, version, score) for month, version, score in rows]


async def test_a_month_has_its_snapshot_three_days_after_its_end_and_keeps_it(
    client: Client, given: World, clock: StoppedClock, count: Count
) -> None:
    shop = await given.merchant()
    order, late = await given.application(shop, 2)
    reviewer = client.as_((await given.reviewer(shop)).token)
    platform = client.as_((await given.platform()).token)
    reader = client.as_((await given.employee(shop, Permission.QUALITY_READ)).token)
    await publish(platform, plan(criterion(), criterion("APPROVAL", target=1, floor=0, weight=3)))
    clock.pass_(timedelta(hours=2))
    await reviewer.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    await count()
    live = await reader.ask(SCORE, month="2026-11")
    assert (live["isFinal"], live["madeAt"], live["score"]) == (False, None, 10.0)
    assert [(one["metric"], one["adds"]) for one in live["explains"]] == [
        ("ON_TIME_REVIEW", 2.5),
        ("APPROVAL", 7.5),
    ]
    database = given.parts.database
    assert await make_due(database, SETTLED - MOMENT) == 0
    assert await make_due(database, SETTLED) == 1
    assert await make_due(database, SETTLED) == 0
    final = await reader.ask(SCORE, month="2026-11")
    assert final == live | {"isFinal": True, "madeAt": final["madeAt"]}
    assert datetime.fromisoformat(final["madeAt"]) == SETTLED
    # A review of November that comes late, and a plan that comes later.
    reject = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "超出范围"}}
    await reviewer.do("reviewServiceOrder", id=late.id, decision=reject)
    await publish(platform, plan(criterion("REJECTION", target=0, floor=1), version=1))
    await count()
    assert await make_due(database, SETTLED + timedelta(days=20)) == 0
    assert await reader.ask(SCORE, month="2026-11") == final
    ranked = await platform.ask(SCORES, month="2026-11")
    assert ranked["nodes"] == [
        {
            "merchant": {"name": "京北数码"},
            "month": "2026-11",
            "score": 10.0,
            "planVersion": 1,
            "madeAt": final["madeAt"],
        }
    ]


async def test_a_new_merchant_without_a_case_has_a_snapshot_of_nothing(
    client: Client, given: World, count: Count
) -> None:
    shop = await given.merchant()
    await given.evaluation_plan()
    await count()
    assert await make_due(given.parts.database, SETTLED) == 1
    found = await client.as_(shop.owner.token).ask(SCORE, month="2026-11")
    assert (found["isFinal"], found["score"], found["plan"]) == (True, None, {"version": 1})
    assert {(one["denominator"], one["value"]) for one in found["figures"]} <= {(0, None), (0, 0)}
    [explanation] = found["explains"]
    assert (explanation["score"], explanation["adds"]) == (None, None)


async def test_two_workers_at_once_make_each_snapshot_once(
    given: World, other_parts: Parts, count: Count
) -> None:
    shops = [await given.merchant(f"店 {number}") for number in range(6)]
    for shop in shops:
        await opened_in(given, shop, datetime(2026, 9, 20, tzinfo=UTC))
    await count()
    databases = [given.parts.database, other_parts.database] * 2
    made = await asyncio.gather(*(make_due(database, SETTLED) for database in databases))
    # A worker passes over a merchant that another one holds: the next round finds what is left.
    left = await make_due(given.parts.database, SETTLED)
    assert sum(made) + left == 3 * len(shops)
    for shop in shops:
        assert await snapshots(given, shop) == [
            (month, None, -1) for month in ("2026-09", "2026-10", "2026-11")
        ]


async def test_after_a_long_pause_the_last_twelve_months_are_made(
    given: World, count: Count
) -> None:
    old, new = await given.merchant("老店"), await given.merchant("新店")
    closed = await given.merchant("停业", enrolment=EnrolmentStatus.SUSPENDED)
    await opened_in(given, old, datetime(2020, 1, 1, tzinfo=UTC))
    await opened_in(given, new, datetime(2026, 10, 31, 16, tzinfo=UTC))
    await opened_in(given, closed, datetime(2020, 1, 1, tzinfo=UTC))
    await count()
    assert await make_due(given.parts.database, SETTLED) == 13
    made = [month for month, _, _ in await snapshots(given, old)]
    assert made == ["2025-12", *(f"2026-{month:02}" for month in range(1, 12))]
    assert [month for month, _, _ in await snapshots(given, new)] == ["2026-11"]
    assert await snapshots(given, closed) == []


async def test_a_month_has_the_plan_that_was_in_force_at_its_end(
    given: World, clock: StoppedClock, count: Count
) -> None:
    shop = await given.merchant()
    await opened_in(given, shop, datetime(2026, 9, 20, tzinfo=UTC))
    end_of_october = datetime(2026, 10, 31, 16, tzinfo=UTC)
    for version, at in enumerate(
        (end_of_october - MOMENT, end_of_october, datetime(2026, 12, 1, tzinfo=UTC)), 1
    ):
        clock.time = at
        await given.evaluation_plan(version)
    await count()
    await make_due(given.parts.database, SETTLED)
    assert [(month, version) for month, version, _ in await snapshots(given, shop)] == [
        ("2026-09", None),
        ("2026-10", 1),
        ("2026-11", 2),
    ]


@pytest.mark.parametrize(
    ("zone", "settled"),
    [
        ("Pacific/Kiritimati", datetime(2026, 12, 3, 10, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 12, 4, 8, tzinfo=UTC)),
    ],
)
async def test_a_month_is_over_when_it_is_over_at_the_merchant(
    given: World, count: Count, zone: str, settled: datetime
) -> None:
    shop = await given.merchant()
    await opened_in(given, shop, given.now, time_zone=zone)
    await count()
    assert await make_due(given.parts.database, settled - MOMENT) == 0
    assert await make_due(given.parts.database, settled) == 1


async def test_a_snapshot_waits_until_every_event_of_its_month_is_counted(
    client: Client, given: World, clock: StoppedClock, count: Count
) -> None:
    shop = await given.merchant()
    order, later = await given.application(shop, 2)
    await count()
    owner, database = client.as_(shop.owner.token), given.parts.database
    await owner.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    assert await make_due(database, SETTLED) == 0  # it is in the outbox
    await count()
    async with database.write() as connection:
        await connection.execute(sa.update(quality_heads).values(position=0))
    assert await make_due(database, SETTLED) == 0  # it is in the feed, and not in the cases
    async with database.write() as connection:
        await connection.execute(sa.update(quality_heads).values(rebuilt_to=0))
    await count()
    clock.time = SETTLED
    # What happens after the month has settled is not waited for: a busy merchant never stops.
    await owner.do("addNote", id=later.id, text="之后")
    assert await make_due(database, SETTLED) == 1


async def test_cases_of_another_definition_or_time_zone_make_no_snapshot(
    given: World, count: Count
) -> None:
    await given.merchant()
    await count()
    database = given.parts.database
    for values in ({"version": 0}, {"time_zone": "UTC"}, {"rebuilt_to": 7}):
        async with database.write() as connection:
            await connection.execute(sa.update(quality_heads).values(values))
        assert await make_due(database, SETTLED) == 0
        await count()
    assert await make_due(database, SETTLED) == 1


class UnfitClock(StoppedClock):
    """A clock that is known to be wrong. It ends the job once the job has looked at it."""

    def __init__(self, stop: asyncio.Event) -> None:
        super().__init__()
        self.stop = stop

    def state(self) -> TimeState:
        self.stop.set()
        return TimeState(unfit="it is wrong")


async def test_the_job_makes_snapshots_unless_the_clock_is_wrong(
    given: World, clock: StoppedClock, count: Count
) -> None:
    shop, database, stop = await given.merchant(), given.parts.database, asyncio.Event()
    await count()
    wrong = UnfitClock(stop)
    wrong.time = clock.time = SETTLED
    await keep_making(database, wrong, stop)
    assert await snapshots(given, shop) == []
    stop.clear()
    job = asyncio.create_task(keep_making(database, clock, stop))
    while not await snapshots(given, shop):  # noqa: ASYNC110 - the job tells nobody
        await asyncio.sleep(0.01)
    stop.set()
    await job


async def test_scores_of_a_month_are_ranked_and_those_without_one_are_last(
    client: Client, given: World
) -> None:
    await given.evaluation_plan()
    for name, score in (("中", 5_000_000), ("无", -1), ("高", 9_250_000), ("低", 0)):
        await given.quality_snapshot(await given.merchant(name), "2026-10", score=score)
    await given.quality_snapshot(await given.merchant("别月"), "2026-09")
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    first = await platform.ask(SCORES, month="2026-10", first=2)
    after = first["pageInfo"]["endCursor"]
    rest = await platform.ask(SCORES, month="2026-10", first=2, after=after)
    assert [
        (one["merchant"]["name"], one["score"]) for one in (*first["nodes"], *rest["nodes"])
    ] == [("高", 9.25), ("中", 5.0), ("低", 0.0), ("无", None)]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_a_month_is_scored_by_the_plan_that_its_snapshot_will_have(
    client: Client, given: World, clock: StoppedClock, count: Count
) -> None:
    shop = await given.merchant()
    await given.evaluation_plan(1)
    noon, clock.time = clock.time, SETTLED - timedelta(days=1)
    await given.evaluation_plan(2)
    clock.time = noon
    await count()
    owner = client.as_(shop.owner.token)
    live = [await owner.ask(SCORE, month=month) for month in ("2026-11", "2026-12")]
    assert [score["plan"]["version"] for score in live] == [1, 2]
    assert await make_due(given.parts.database, SETTLED) == 1
    assert (await owner.ask(SCORE, month="2026-11"))["plan"] == live[0]["plan"]
