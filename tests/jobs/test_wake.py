"""A clock that sleeps is woken by deadlines that are set before it would look again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app
from database.database import Database
from domain.statuses import Status
from jobs.loop import run
from jobs.timers import SweepResult, fire_timers
from models.clock import SandboxClock
from models.wake import CHANNEL, LONGEST_SLEEP, POLL_INTERVAL, Alarm
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ADDRESS, ITEM, Shop, World

pytestmark = pytest.mark.anyio

MARK = "that is all"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - the alarm tells nobody when it begins to listen
            await asyncio.sleep(0.01)


@pytest.fixture
async def alarm(database: Database) -> AsyncIterator[Alarm]:
    async with Alarm.set(database, asyncio.Event()) as alarm:
        if database.listening is not None:
            await until(lambda: alarm.is_listening)
        yield alarm


class Desk:
    """What may set a deadline."""

    def __init__(self, client: Client, given: World, clock: StoppedClock, shop: Shop) -> None:
        self.client, self.given, self.clock, self.shop = client, given, clock, shop

    async def submit(self) -> None:
        storefront = self.client.as_((await self.given.connector(self.shop)).token)
        said = {"orderNumber": "P-1", "customerRef": "c-1", "customerName": "李小花"}
        said |= {"externalRef": "A-1", "customerPhone": "13812345678"}
        assert await storefront.codes("submitApplication", **said, items=[ITEM]) == []

    async def approve(self) -> None:
        order = await self.given.order(self.shop)
        owner = self.client.as_(self.shop.owner.token)
        assert await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": {}}) == []

    async def answer(self, left: timedelta) -> None:
        asked = Status.AWAITING_FEEDBACK
        milliseconds = left // timedelta(milliseconds=1)
        order = await self.given.in_status(self.shop, asked, review_left_ms=milliseconds)
        customer = self.client.as_((await self.given.customer(self.shop)).token)
        assert await customer.codes("respondToFeedback", id=order.id, text="好") == []

    async def answer_late(self) -> None:
        """The answer leaves the merchant four hours: nobody need look before."""
        await self.answer(timedelta(seconds=5))

    async def answer_early(self) -> None:
        await self.answer(timedelta(hours=5))

    async def withdraw(self) -> None:
        """The deadline moves back to a minute from now."""
        platform = self.client.as_((await self.given.platform()).token)
        now = self.given.now
        due = now + timedelta(minutes=1)
        await self.given.order(self.shop, clock_due_at=due, review_due_at=due)
        said = {"name": "假期", "startAt": (now + timedelta(seconds=30)).isoformat()}
        said["endAt"] = (now + timedelta(hours=5)).isoformat()
        payload = await platform.do("declarePauseWindow", "pauseWindow { id }", **said)
        window = payload["pauseWindow"]["id"]
        assert await platform.codes("withdrawPauseWindow", id=window) == []

    async def unblock(self) -> None:
        past = self.given.now - timedelta(hours=1)
        columns: dict[str, Any] = {"review_due_at": past, "clock_due_at": past}
        bare = await self.given.merchant("另一家", address=False)
        await self.given.order(bare, auto_approval_blocked=True, **columns)
        owner = self.client.as_(bare.owner.token)
        assert await owner.codes("saveReturnAddress", address=ADDRESS, makeDefault=True) == []

    async def block(self) -> None:
        past = self.given.now - timedelta(hours=1)
        bare = await self.given.merchant("第三家", address=False)
        await self.given.order(bare, review_due_at=past, clock_due_at=past)
        result = await fire_timers(self.given.parts.database, self.given.now)
        assert result == SweepResult(blocked=1)

    async def note(self) -> None:
        past = self.given.now - timedelta(hours=1)
        order = await self.given.order(self.shop, review_due_at=past, clock_due_at=past)
        assert (
            await self.client.as_(self.shop.owner.token).codes("addNote", id=order.id, text="催促")
            == []
        )


@pytest.mark.parametrize(
    ("what", "wakes"),
    [
        (Desk.withdraw, True),
        (Desk.answer_late, False),
        (Desk.unblock, True),
        (Desk.submit, False),
        (Desk.approve, False),
        (Desk.answer_early, False),
        (Desk.block, False),
        (Desk.note, False),
    ],
)
async def test_a_deadline_that_is_soon_is_announced_and_no_other_is(
    database: Database,
    client: Client,
    given: World,
    clock: StoppedClock,
    what: Callable[[Desk], Awaitable[None]],
    wakes: bool,
) -> None:
    desk = Desk(client, given, clock, await given.merchant())
    if database.listening is None:
        await what(desk)  # there is nobody to tell, and nothing goes wrong
        return
    heard: list[str] = []
    async with database.listening.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.add_listener(CHANNEL, lambda *said: heard.append(said[-1]))
        await what(desk)
        async with database.write() as last:
            await last.execute(sa.select(sa.func.pg_notify(CHANNEL, MARK)))
        await until(lambda: MARK in heard)
    assert bool(heard[:-1]) is wakes


async def test_an_alarm_that_listens_sleeps_long_and_one_that_does_not_a_second_at_most(
    alarm: Alarm, database: Database
) -> None:
    listens = database.listening is not None
    assert alarm.longest == (LONGEST_SLEEP if listens else POLL_INTERVAL)


async def test_a_lost_connection_makes_it_look_often_until_it_listens_again(
    alarm: Alarm, database: Database
) -> None:
    if database.listening is None:
        assert not alarm.is_listening
        return
    alarm.clear()
    async with database.write() as connection:
        ended = await connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
        )
        assert ended.scalars().all() == [True]
    await until(lambda: not alarm.is_listening)
    assert alarm.longest == POLL_INTERVAL
    await until(lambda: alarm.is_listening)
    # What was announced meanwhile was not heard: so it rings, and whoever sleeps looks.
    async with asyncio.timeout(30):
        await alarm.sleep(timedelta(hours=1))


async def test_a_process_that_is_told_to_stop_is_woken(database: Database) -> None:
    stop = asyncio.Event()
    async with Alarm.set(database, stop) as alarm, asyncio.timeout(30):
        stop.set()
        await alarm.sleep(timedelta(hours=1))


async def test_a_clock_that_is_moved_on_in_another_process_acts_at_once(
    parts: Parts, schema
) -> None:
    """On PostgreSQL the clock would sleep for a minute, and the test waits for half of one."""
    other = Database.open(parts.database.writing.url.render_as_string(hide_password=False))
    here = Parts(parts.database, parts.keys, parts.pictures, SandboxClock())
    given = World(here)
    order = await given.order(await given.merchant())
    platform = await given.platform()
    stop = asyncio.Event()
    running = asyncio.create_task(run(other, SandboxClock(), stop))
    await asyncio.sleep(1)
    async with Client.of(create_app(here, runs_clock=False, schema=schema)) as client:
        codes = await client.as_(platform.token).codes("advanceClock", seconds=48 * 3600)
        assert codes == []
    async with asyncio.timeout(30):
        # The process tells nobody what it did.
        while (await given.row(order)).status is not Status.AWAITING_SHIPMENT:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    stop.set()
    await running
    await other.close()


async def test_a_server_without_the_clock_follows_one_that_is_moved_on(
    parts: Parts, schema
) -> None:
    url = parts.database.writing.url.render_as_string(hide_password=False)
    here, there = (
        Parts(Database.open(url), parts.keys, parts.pictures, SandboxClock()) for _ in range(2)
    )
    platform = await World(here).platform()
    app = create_app(there, runs_clock=False, schema=schema)
    async with app.router.lifespan_context(app):
        async with Client.of(create_app(here, runs_clock=False, schema=schema)) as client:
            codes = await client.as_(platform.token).codes("advanceClock", seconds=48 * 3600)
            assert codes == []
        async with asyncio.timeout(30):
            while there.clock.now() < here.clock.now() - timedelta(hours=1):  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # a clock tells nobody that it was moved
    await here.database.close()
