"""Alerts: raised once when a figure crosses a threshold, and recovered once; who sees them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from strawberry import Schema

from domain.permissions import Permission
from domain.quality.cases import Mark
from domain.quality.metrics import VERSION
from domain.quality.thresholds import AlertChange
from execution.streams import SubscriptionRefused
from jobs.quality.alerts import LONGEST, SHORTEST, compare
from models.alerts import quality_alert_events, quality_alerts
from models.quality import QualityHead, quality_cases, quality_heads
from models.queries import alerts as log
from models.tables import add
from parts import Parts
from schema import ids
from schema.types.quality_alert import LOG
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import Person, Shop, World
from tests.streams import streaming

pytestmark = pytest.mark.anyio

SET = "qualityThresholds { version thresholds { metric side limit days minimumCases } }"
THRESHOLDS = """query($merchant: ID) { qualityThresholds(merchantId: $merchant) {
  version thresholds { limit } platform { limit } } }"""
ALERTS = """query($open: Boolean, $merchant: ID, $first: Int, $after: String) {
  qualityAlerts(open: $open, merchantId: $merchant, first: $first, after: $after) {
    nodes { id metric owner merchant { name } threshold { limit side days minimumCases } value
      denominator raisedAt recoveredAt recoveredValue } pageInfo { endCursor } } }"""
EVENTS = """query($merchant: ID) { qualityAlertEvents(merchantId: $merchant, first: 100) {
  nodes { cursor change at alert { metric } } pageInfo { endCursor } } }"""
STREAM = """subscription($after: String, $merchant: ID) {
  qualityAlerts(after: $after, merchantId: $merchant) { cursor change alert { metric } } }"""

LATE = int(Mark.BY_PERSON | Mark.APPROVED)
ON_TIME = LATE | int(Mark.ON_TIME)


def threshold(**values: Any) -> dict[str, Any]:
    """On-time review below 80 % over a week, of at least two reviews."""
    return {
        "metric": "ON_TIME_REVIEW",
        "side": "BELOW",
        "limit": 0.8,
        "days": 7,
        "minimumCases": 2,
    } | values


class Desk:
    """A shop whose cases a test places, and the job that compares its figures."""

    def __init__(self, parts: Parts, given: World, clock: StoppedClock, shop: Shop) -> None:
        self.parts, self.given, self.clock, self.shop = parts, given, clock, shop
        self.position = 0

    async def review(self, *marks: int) -> None:
        """Reviews of today, which the job that derives cases has just counted."""
        reviewer = self.shop.owner
        orders = await self.given.application(self.shop, len(marks))
        for order, mark in zip(orders, marks, strict=True):
            await self.given.quality_case(order, reviewer, marks=mark)
        await self.count()

    async def count(self, **values: Any) -> None:
        """Move the head of the cases on."""
        self.position += 1
        columns: dict[str, Any] = {
            "position": self.position,
            "version": VERSION,
            "time_zone": "Asia/Shanghai",
        }
        async with self.parts.database.write() as connection:
            result = await connection.execute(
                sa.update(quality_heads)
                .where(quality_heads.c.merchant_id == self.shop.id)
                .values(columns | values)
            )
            if not result.rowcount:
                await add(connection, QualityHead(merchant_id=self.shop.id, **columns | values))

    async def forget(self) -> None:
        """Remove all cases, as if a change had taken them back."""
        async with self.parts.database.write() as connection:
            await connection.execute(sa.delete(quality_cases))
        await self.count()

    async def compare(self, after: timedelta = SHORTEST) -> None:
        """Let the job look twice: the first look at a merchant only makes its watch."""
        self.clock.pass_(after)
        for _ in range(2):
            await compare(self.parts.database, self.clock.now())


@pytest.fixture
async def desk(parts: Parts, given: World, clock: StoppedClock) -> Desk:
    return Desk(parts, given, clock, await given.merchant())


async def set_own(client: Client, *thresholds: dict[str, Any], version: int = 0) -> None:
    answer = await client.do(
        "setQualityThresholds", SET, thresholds=list(thresholds), expectedVersion=version
    )
    assert answer["refusals"] == []


async def changes(client: Client) -> Sequence[str]:
    return [event["change"] for event in (await client.ask(EVENTS))["nodes"]]


async def test_an_alert_is_raised_once_and_recovers_once_and_can_be_raised_again(
    client: Client, desk: Desk
) -> None:
    owner = client.as_(desk.shop.owner.token)
    await set_own(owner, threshold())
    await desk.review(LATE)
    await desk.compare()
    assert await changes(owner) == []  # one review is too few
    await desk.review(LATE, ON_TIME)
    await desk.compare()
    raised_at = desk.clock.now()
    assert await changes(owner) == ["RAISED"]
    await desk.review(LATE)
    await desk.compare()
    await desk.compare(LONGEST)
    assert await changes(owner) == ["RAISED"]  # it stays
    [alert] = (await owner.ask(ALERTS, open=True))["nodes"]
    assert alert | {"id": ""} == {
        "id": "",
        "metric": "ON_TIME_REVIEW",
        "owner": "MERCHANT",
        "merchant": {"name": "京北数码"},
        "threshold": {"limit": 0.8, "side": "BELOW", "days": 7, "minimumCases": 2},
        "value": pytest.approx(1 / 3),
        "denominator": 3,
        "raisedAt": raised_at.isoformat(),
        "recoveredAt": None,
        "recoveredValue": None,
    }
    await desk.review(*[ON_TIME] * 11)
    await desk.compare()
    assert await changes(owner) == ["RAISED", "RECOVERED"]
    assert (await owner.ask(ALERTS, open=True))["nodes"] == []
    [over] = (await owner.ask(ALERTS, open=False))["nodes"]
    assert (over["recoveredAt"], over["recoveredValue"]) == (desk.clock.now().isoformat(), 0.8)
    await desk.review(LATE)
    await desk.compare()
    assert await changes(owner) == ["RAISED", "RECOVERED", "RAISED"]
    first = await owner.ask(ALERTS, first=1)
    rest = await owner.ask(ALERTS, after=first["pageInfo"]["endCursor"])
    assert [node["id"] for node in rest["nodes"]] == [over["id"]]


async def test_a_day_that_ends_changes_a_figure_without_a_new_case(
    client: Client, desk: Desk
) -> None:
    owner = client.as_(desk.shop.owner.token)
    await set_own(owner, threshold(days=1, minimumCases=1))
    await desk.review(LATE)
    await desk.compare()
    assert await changes(owner) == ["RAISED"]
    await desk.compare(timedelta(hours=3))  # 23:00 in Shanghai
    assert await changes(owner) == ["RAISED"]
    await desk.compare(timedelta(hours=1))
    assert await changes(owner) == ["RAISED", "RECOVERED"]


async def test_too_few_cases_neither_raise_nor_end_an_alert_and_none_at_all_end_it(
    client: Client, desk: Desk
) -> None:
    owner = client.as_(desk.shop.owner.token)
    await set_own(owner, threshold())
    await desk.review(LATE, LATE)
    await desk.compare()
    await desk.forget()
    await desk.review(LATE)
    await desk.compare()
    assert await changes(owner) == ["RAISED"]
    await desk.forget()
    await desk.compare()
    assert await changes(owner) == ["RAISED", "RECOVERED"]
    [alert] = (await owner.ask(ALERTS))["nodes"]
    assert alert["recoveredValue"] is None


async def test_cases_that_are_being_derived_anew_are_not_compared(
    client: Client, desk: Desk
) -> None:
    owner = client.as_(desk.shop.owner.token)
    await set_own(owner, threshold(minimumCases=1))
    await desk.review(LATE)
    for unfit in ({"rebuilt_to": 0}, {"version": VERSION - 1}, {"time_zone": "Asia/Urumqi"}):
        await desk.count(**unfit)
        await desk.compare()
    assert await changes(owner) == []
    await desk.count(rebuilt_to=None)
    await desk.compare()
    assert await changes(owner) == ["RAISED"]


async def test_the_platforms_thresholds_hold_for_every_merchant_beside_its_own(
    client: Client, desk: Desk, given: World
) -> None:
    owner = client.as_(desk.shop.owner.token)
    platform = client.as_((await given.platform()).token)
    await desk.review(LATE)
    await set_own(platform, threshold(minimumCases=1))
    await desk.compare()
    await set_own(owner, threshold(minimumCases=1, limit=0.5))
    await desk.compare()
    alerts = (await owner.ask(ALERTS))["nodes"]
    assert [alert["owner"] for alert in alerts] == ["MERCHANT", "PLATFORM"]
    assert await owner.ask(THRESHOLDS) == {
        "version": 1,
        "thresholds": [{"limit": 0.5}],
        "platform": [{"limit": 0.8}],
    }
    await set_own(platform, version=1)
    await desk.compare()
    alerts = (await platform.ask(ALERTS, open=True))["nodes"]
    assert [alert["owner"] for alert in alerts] == ["MERCHANT"]
    await set_own(owner, version=1)
    await desk.compare()
    assert await changes(owner) == ["RAISED", "RAISED", "RECOVERED", "RECOVERED"]


async def test_workers_at_once_raise_one_alert_and_none_of_them_fails(
    client: Client, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    owner = client.as_(desk.shop.owner.token)
    await set_own(owner, threshold(minimumCases=1))
    for marks, seen in ((LATE, ["RAISED"]), (ON_TIME, ["RAISED", "RECOVERED"])):
        await desk.review(*[marks] * 8)
        desk.clock.pass_(SHORTEST)
        database, now = desk.parts.database, desk.clock.now()
        async with asyncio.TaskGroup() as workers:
            for _ in range(6):
                workers.create_task(compare(database, now))
        await set_own(owner, threshold(minimumCases=1, limit=0.5), version=len(seen))
        assert await changes(owner) == seen
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_thresholds_of_the_platform_that_were_replaced_are_compared_no_more(
    client: Client, desk: Desk
) -> None:
    await set_own(client.as_(desk.shop.owner.token), threshold())
    await desk.review(LATE)
    merchant_id, now = desk.shop.id, desk.clock.now()
    for version, is_done in ((2, True), (1, False), (2, True), (3, True)):
        async with desk.parts.database.write() as connection:
            state = await log.standing(connection, merchant_id, VERSION)
            assert state is not None
            done = await log.advance(
                connection, merchant_id, state, platform_version=version, compared_at=now
            )
        assert done is is_done


async def test_a_stream_of_one_merchant_begins_after_a_cursor_of_all(
    client: Client, desk: Desk, given: World, schema: Schema
) -> None:
    other = await given.merchant("京东自营")
    platform = await given.platform(Permission.MERCHANT_READ)
    await set_own(client.as_(desk.shop.owner.token), threshold(minimumCases=1))
    await given.quality_alert(other)
    await given.quality_alert(other)
    last = (await client.as_(platform.token).ask(EVENTS))["nodes"][-1]["cursor"]
    async with (
        streaming(given.parts, schema) as streams,
        streams.open(platform.token, STREAM, merchant=desk.shop.global_id, after=last) as stream,
    ):
        await desk.review(LATE)
        await desk.compare()
        assert (await stream.next())["change"] == "RAISED"


async def test_the_positions_of_the_log_are_taken_one_by_one_over_all_merchants(
    desk: Desk, given: World
) -> None:
    shops, database = [desk.shop, await given.merchant("京东自营")], desk.parts.database
    alerts = [ids.key_of("QualityAlert", await given.quality_alert(shop)) for shop in shops]
    async with database.write() as connection:
        await connection.execute(sa.delete(quality_alert_events))

    async def write(key: tuple[int, int]) -> None:
        async with database.write() as connection:
            position = await log.next_position(connection)
            await log.log(connection, key, position, AlertChange.RECOVERED, given.now)

    async with asyncio.TaskGroup() as workers:
        for key in alerts * 4:
            workers.create_task(write(key))
    async with database.read() as connection:
        positions = await connection.execute(sa.select(quality_alert_events.c.position))
        assert sorted(positions.scalars()) == list(range(1, 9))


async def test_of_two_people_who_set_thresholds_at_once_one_is_refused(
    client: Client, desk: Desk
) -> None:
    owner = client.as_(desk.shop.owner.token)
    answers = await asyncio.gather(
        *[
            owner.codes(
                "setQualityThresholds", thresholds=[threshold(days=days)], expectedVersion=0
            )
            for days in (1, 2)
        ]
    )
    assert sorted(answers) == [[], ["QUALITY_THRESHOLDS_CHANGED"]]


async def test_thresholds_are_replaced_as_a_whole_by_those_who_have_read_them(
    client: Client, desk: Desk
) -> None:
    owner = client.as_(desk.shop.owner.token)
    await set_own(owner, threshold(), threshold(days=8))
    answer = await owner.do(
        "setQualityThresholds",
        f"{SET} refusals {{ code path ... on QualityThresholdsChanged {{ current }} }}",
        thresholds=[],
        expectedVersion=0,
    )
    assert answer["qualityThresholds"] is None
    [refusal] = answer["refusals"]
    assert (refusal["code"], refusal["current"]) == ("QUALITY_THRESHOLDS_CHANGED", 1)
    assert len((await owner.ask(THRESHOLDS))["thresholds"]) == 2


@pytest.mark.parametrize(
    ("thresholds", "path"),
    [
        ([threshold(limit=1.01)], ["thresholds", "0", "limit"]),
        ([threshold(limit=-0.01)], ["thresholds", "0", "limit"]),
        ([threshold(metric="SATISFACTION", limit=0.9)], ["thresholds", "0", "limit"]),
        ([threshold(metric="REVIEW_HOURS_P90", limit=10_001)], ["thresholds", "0", "limit"]),
        ([threshold(days=0)], ["thresholds", "0", "days"]),
        ([threshold(days=91)], ["thresholds", "0", "days"]),
        ([threshold(minimumCases=-1)], ["thresholds", "0", "minimumCases"]),
        ([threshold(minimumCases=100_001)], ["thresholds", "0", "minimumCases"]),
        ([threshold(), threshold(limit=0.5)], ["thresholds", "1", "metric"]),
        ([threshold(days=days) for days in range(1, 22)], ["thresholds"]),
    ],
)
async def test_a_threshold_that_makes_no_sense_is_refused(
    client: Client, desk: Desk, thresholds: list[dict[str, Any]], path: list[str]
) -> None:
    with pytest.raises(Failed) as failed:
        await set_own(client.as_(desk.shop.owner.token), *thresholds)
    assert failed.value.extensions == {"code": "BAD_USER_INPUT", "argument": path}


async def test_nobody_sees_the_alerts_of_another_merchant(
    client: Client, desk: Desk, given: World
) -> None:
    other = await given.merchant("京东自营")
    await set_own(client.as_(desk.shop.owner.token), threshold(minimumCases=1))
    await desk.review(LATE)
    await desk.compare()
    stranger = client.as_(other.owner.token)
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    for query in (ALERTS, EVENTS):
        assert (await stranger.ask(query))["nodes"] == []
        for merchant in (None, desk.shop.global_id):
            assert len((await platform.ask(query, merchant=merchant))["nodes"]) == 1
        assert (await platform.ask(query, merchant=other.global_id))["nodes"] == []
    for query in (ALERTS, EVENTS, THRESHOLDS):
        with pytest.raises(Failed) as failed:
            await stranger.ask(query, merchant=desk.shop.global_id)
        assert failed.value.code == "NOT_FOUND"


async def test_a_stream_of_alerts_resumes_after_its_last_cursor(
    client: Client, desk: Desk, given: World, schema: Schema
) -> None:
    owner, other = desk.shop.owner, await given.merchant("京东自营")
    people: dict[str, Person] = {
        "owner": owner,
        "platform": await given.platform(Permission.MERCHANT_READ),
    }
    await set_own(client.as_(owner.token), threshold(minimumCases=1))
    await desk.review(LATE)
    await desk.compare()
    [event] = (await client.as_(owner.token).ask(EVENTS))["nodes"]
    async with streaming(given.parts, schema) as streams:
        for person in people.values():
            async with streams.open(person.token, STREAM, after=event["cursor"]) as stream:
                await desk.review(*[ON_TIME] * 9)
                await desk.compare()
                recovered = await stream.next()
                assert recovered["change"] == "RECOVERED"
            await desk.review(*[LATE] * 30)
            await desk.compare()
            async with streams.open(person.token, STREAM, after=recovered["cursor"]) as stream:
                event = await stream.next()
                assert event["change"] == "RAISED"
            await desk.forget()
            await desk.review(LATE)
        for token, variables, code in (
            (owner.token, {"after": "x"}, "BAD_USER_INPUT"),
            (other.owner.token, {"merchant": desk.shop.global_id}, "NOT_FOUND"),
            (owner.token, {"after": LOG.encode_cursor([99])}, "CURSOR_EXPIRED"),
        ):
            with pytest.raises(SubscriptionRefused) as refused:
                async with streams.open(token, STREAM, **variables) as stream:
                    await stream.next()
            assert (refused.value.errors[0].extensions or {})["code"] == code


async def test_the_log_and_the_alerts_agree(client: Client, desk: Desk) -> None:
    owner = client.as_(desk.shop.owner.token)
    await set_own(owner, *[threshold(days=days, minimumCases=1) for days in (1, 7, 30)])
    await desk.review(LATE)
    await desk.compare()
    await desk.forget()
    await desk.compare()
    async with desk.parts.database.read() as connection:
        events = (await connection.execute(sa.select(quality_alert_events))).all()
        alerts = (await connection.execute(sa.select(quality_alerts))).all()
    assert [event.position for event in sorted(events)] == [1, 2, 3, 4, 5, 6]
    assert len(alerts) == 3
    assert all(alert.recovered_at is not None for alert in alerts)
