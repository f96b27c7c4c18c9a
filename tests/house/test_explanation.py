"""The explanation of an automatic approval adds up, for every way to move the deadline."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from jobs.timers import fire_timers
from tests.client import Client
from tests.conftest import NOON, StoppedClock
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
EXPLANATION = """query($id: ID!) { serviceOrder(id: $id) { status reviewClock { dueAt remaining }
  timeline { kind explanation { startedAt dueAt pauses { startAt endAt } } } } }"""


class Story:
    """An order and its people; the hours of each step count from the application."""

    def __init__(self, client: Client, given: World, clock: StoppedClock) -> None:
        self.client, self.given, self.clock = client, given, clock

    async def begin(self) -> OrderRef:
        shop = await self.given.merchant()
        self.reviewer = self.client.as_((await self.given.reviewer(shop)).token)
        self.customer = self.client.as_((await self.given.customer(shop)).token)
        self.platform = self.client.as_((await self.given.platform()).token)
        self.order = await self.given.order(shop)
        return self.order

    def come_to(self, hours: float) -> None:
        self.clock.time = NOON + hours * HOUR

    async def rest(self, start: float, end: float) -> None:
        payload = await self.platform.do(
            "declarePauseWindow",
            name="假期",
            startAt=(NOON + start * HOUR).isoformat(),
            endAt=(NOON + end * HOUR).isoformat(),
        )
        assert payload["refusals"] == []

    async def ask(self, hours: float) -> None:
        self.come_to(hours)
        payload = await self.reviewer.do(
            "reviewServiceOrder",
            id=self.order.id,
            decision={"requestFeedback": {"question": "请补充照片"}},
        )
        assert payload["refusals"] == []

    async def answer(self, hours: float) -> None:
        self.come_to(hours)
        payload = await self.customer.do("respondToFeedback", id=self.order.id, text="已补充")
        assert payload["refusals"] == []

    async def read(self) -> Any:
        return await self.reviewer.ask(EXPLANATION, id=self.order.id)

    async def is_approved_at(self, hours: float) -> list[tuple[float, float]]:
        """The pauses of the explanation in hours; the order is approved then and not before."""
        database = self.given.parts.database
        self.come_to(hours)
        early = self.clock.now() - timedelta(microseconds=1)
        assert (await fire_timers(database, early)).total == 0
        assert (await fire_timers(database, self.clock.now())).approved == 1
        order = await self.read()
        assert order["status"] == "AWAITING_SHIPMENT"
        explanation = order["timeline"][-1]["explanation"]
        assert (explanation["startedAt"], explanation["dueAt"]) == (
            NOON.isoformat(),
            (NOON + hours * HOUR).isoformat(),
        )
        pauses = [
            (since(pause["startAt"]), since(pause["endAt"])) for pause in explanation["pauses"]
        ]
        assert hours - sum(end - start for start, end in pauses) == 48
        return pauses


def since(instant: str) -> float:
    return (datetime.fromisoformat(instant) - NOON) / HOUR


@pytest.fixture
def story(client: Client, given: World, clock: StoppedClock) -> Story:
    return Story(client, given, clock)


async def test_without_a_pause_it_is_48_hours(story: Story) -> None:
    await story.begin()
    assert await story.is_approved_at(48) == []


async def test_a_window_that_was_counted_ahead_is_not_counted_twice_after_a_question(
    story: Story,
) -> None:
    await story.begin()
    await story.rest(24, 30)
    await story.ask(10)
    assert (await story.read())["reviewClock"] == {"dueAt": None, "remaining": 38 * 3600}
    await story.answer(12)
    assert await story.is_approved_at(56) == [(10, 12), (24, 30)]


async def test_a_window_pushes_the_deadline_into_one_that_was_declared_before(
    story: Story,
) -> None:
    await story.begin()
    await story.rest(60, 84)
    await story.rest(24, 48)
    assert await story.is_approved_at(96) == [(24, 48), (60, 84)]


async def test_a_question_within_a_window(story: Story) -> None:
    await story.begin()
    await story.rest(20, 40)
    await story.ask(25)
    await story.answer(30)
    assert await story.is_approved_at(68) == [(20, 25), (25, 30), (30, 40)]


async def test_a_window_that_is_declared_while_the_customer_is_asked(story: Story) -> None:
    await story.begin()
    await story.ask(10)
    await story.rest(11, 20)
    await story.rest(30, 33)
    await story.answer(15)
    assert await story.is_approved_at(61) == [(10, 15), (15, 20), (30, 33)]


async def test_no_fraction_of_a_millisecond_is_lost_to_a_question(story: Story) -> None:
    await story.begin()
    tick = timedelta(microseconds=1) / HOUR
    await story.ask(10 + 300 * tick)
    await story.answer(20)
    due = NOON + 48 * HOUR + 10 * HOUR - timedelta(microseconds=300)
    database = story.given.parts.database
    assert (await fire_timers(database, due - timedelta(microseconds=1))).total == 0
    assert (await fire_timers(database, due + timedelta(milliseconds=1))).approved == 1
