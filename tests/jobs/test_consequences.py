"""Every consequence of a clock: on the microsecond, once, in order, and with the reason why."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import sqlalchemy as sa

from database.database import Database
from domain.actions import Action
from domain.clocks import CLOCKS, CONSEQUENCES
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE
from domain.statuses import Status
from jobs import timers
from jobs.timers import SweepResult, fire_timers, next_due
from models.pause_window import PauseWindow
from models.service_order import events, service_orders
from models.tables import add
from parts import Parts
from tests.client import Client
from tests.conftest import NOON, StoppedClock
from tests.databases import Backend
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio

MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)
WATCHED: Final = sorted(CONSEQUENCES)
LEAD_TO: Final = {
    Status.AWAITING_FEEDBACK: Action.REQUEST_FEEDBACK,
    Status.AWAITING_SHIPMENT: Action.APPROVE,
    Status.AWAITING_CONFIRMATION: Action.RESEND,
}
EXPLANATION: Final = """query($id: ID!) { serviceOrder(id: $id) { status timeline(last: 1) {
  kind at actor { kind } explanation { rule ruleVersion startedAt pauses { startAt endAt } grace
    dueAt ranAt } } } }"""


async def waiting(given: World, shop: Shop, status: Status) -> OrderRef:
    """An order that a person brought to the status just now."""
    order = await given.order(shop)
    if status in LEAD_TO:
        await given.take(order, LEAD_TO[status])
    return order


async def consequences(given: World, order: OrderRef) -> list[EventKind]:
    expected = {EVENTS[action] for action in CONSEQUENCES.values()}
    return [kind for kind in await given.kinds(order) if kind in expected]


@pytest.mark.parametrize("status", WATCHED)
async def test_it_comes_on_the_microsecond_once_and_explains_itself(
    client: Client, given: World, clock: StoppedClock, status: Status
) -> None:
    shop = await given.merchant()
    database, owner = given.parts.database, client.as_(shop.owner.token)
    order = await waiting(given, shop, status)
    platform = client.as_((await given.platform()).token)
    holiday = NOON + DAY / 2, NOON + DAY
    said = {"startAt": holiday[0].isoformat(), "endAt": holiday[1].isoformat()}
    assert await platform.codes("declarePauseWindow", name="元旦", **said) == []
    action, rule = CONSEQUENCES[status], CLOCKS[status]
    due = NOON + rule.window + DAY / 2
    assert (await given.row(order)).clock_due_at == due
    clock.time = due - MICROSECOND
    assert (await fire_timers(database, clock.now())).total == 0
    clock.time = due
    assert (await fire_timers(database, clock.now())).steps == {action: 1}
    assert await fire_timers(database, clock.now()) == SweepResult()
    found = await owner.ask(EXPLANATION, id=order.id)
    assert found["status"] == LIFECYCLE[action].target
    assert found["timeline"] == [
        {
            "kind": EVENTS[action],
            "at": due.isoformat(),
            "actor": {"kind": "SYSTEM"},
            "explanation": {
                "rule": rule.name,
                "ruleVersion": 1,
                "startedAt": NOON.isoformat(),
                "pauses": [{"startAt": holiday[0].isoformat(), "endAt": holiday[1].isoformat()}],
                "grace": 0,
                "dueAt": due.isoformat(),
                "ranAt": due.isoformat(),
            },
        }
    ]


async def test_clocks_without_a_consequence_only_count(given: World, clock: StoppedClock) -> None:
    shop = await given.merchant()
    for status in set(CLOCKS) - set(CONSEQUENCES):
        order = await given.in_status(shop, status)
        clock.pass_(365 * DAY)
        assert await next_due(given.parts.database) is None
        assert (await fire_timers(given.parts.database, clock.now())).total == 0
        assert (await given.row(order)).status is status


async def test_after_an_outage_each_is_caught_up_once_by_however_many_workers(
    given: World, clock: StoppedClock
) -> None:
    shops = [await given.merchant(), await given.merchant("另一家")]
    orders = [
        (status, await waiting(given, shops[at % 2], status))
        for status in WATCHED
        for at in range(12)
    ]
    clock.pass_(30 * DAY)
    url = given.parts.database.writing.url.render_as_string(hide_password=False)
    workers = [Database.open(url) for _ in range(3)]
    swept = await asyncio.gather(*(fire_timers(worker, clock.now()) for worker in workers * 2))
    for worker in workers:
        await worker.close()
    for status in WATCHED:
        action = CONSEQUENCES[status]
        assert sum(result.steps.get(action, 0) for result in swept) == 12
    for status, order in orders:
        assert await consequences(given, order) == [EVENTS[CONSEQUENCES[status]]]


class AfterOne(asyncio.Event):
    """Stops a sweep after its first batch."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 1


async def test_the_oldest_deadline_of_all_merchants_comes_first(
    given: World, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "BATCH", 4)
    monkeypatch.setattr(timers, "CONCURRENCY", 1)
    shops = [await given.merchant(str(number)) for number in range(3)]
    orders = {}
    statuses = [Status.AWAITING_SHIPMENT, Status.AWAITING_FEEDBACK, Status.AWAITING_CONFIRMATION]
    for number in range(12):
        # The last to wait is the first that is due, and the merchants take turns.
        clock.time = NOON + (12 - number) * timedelta(minutes=1)
        order = await waiting(given, shops[number % 3], statuses[number // 3 % 3])
        orders[order.key] = order
    clock.time = NOON + 8 * DAY
    by_deadline = sorted(orders.values(), key=lambda order: -order.key)
    for done in (4, 8, 12):
        await fire_timers(given.parts.database, clock.now(), AfterOne())
        acted = [bool(await consequences(given, order)) for order in by_deadline]
        assert acted == [True] * done + [False] * (12 - done)


async def test_a_pending_refund_holds_up_the_confirmation_until_it_is_settled(
    given: World, clock: StoppedClock
) -> None:
    database = given.parts.database
    order = await given.order(await given.merchant())
    await given.take(order, Action.RESEND, pending_refunds=1)
    clock.pass_(8 * DAY)
    assert await next_due(database) is None
    assert (await fire_timers(database, clock.now())).total == 0
    await given.take(order, Action.SETTLE_REFUND, pending_refunds=0)
    assert await next_due(database) == NOON + 7 * DAY
    assert (await fire_timers(database, clock.now())).steps == {Action.AUTO_CONFIRM: 1}
    assert await given.kinds(order) == [
        EventKind.SUBMITTED,
        EventKind.RESENT,
        EventKind.REFUND_SETTLED,
        EventKind.AUTO_CONFIRMED,
    ]


async def test_a_sandbox_that_jumped_confirms_not_before_the_refund_was_settled(
    given: World, clock: StoppedClock
) -> None:
    order = await given.order(await given.merchant())
    await given.take(order, Action.RESEND, pending_refunds=1)
    clock.pass_(8 * DAY)
    await given.take(order, Action.SETTLE_REFUND, pending_refunds=0)
    clock.pass_(DAY)
    await fire_timers(given.parts.database, clock.now(), at_deadlines=True)
    row = await given.row(order)
    assert (row.status, row.updated_at) == (Status.COMPLETED, NOON + 8 * DAY)


# A jump over several deadlines


@dataclass(frozen=True)
class Twin:
    """A world of its own, with a clock of its own."""

    given: World
    clock: StoppedClock

    async def live(self, seed: int) -> list[OrderRef]:
        """Some orders in all kinds of waits, and pause windows ahead; the same for each seed."""
        random, given = Random(seed), self.given
        self.clock.time = NOON
        shops = [await given.merchant(), await given.merchant("无地址", address=False)]
        orders = []
        for start in (1, 5, 12):
            begin = NOON + start * DAY + timedelta(hours=random.randrange(24))
            window = PauseWindow(
                id=start,
                name=str(start),
                start_at=begin,
                end_at=begin + timedelta(hours=random.randrange(1, 72)),
                declared_by="平台",
                declared_at=NOON,
            )
            async with given.parts.database.write() as connection:
                await add(connection, window)
        for _ in range(10):
            self.clock.pass_(timedelta(minutes=random.randrange(60), microseconds=17))
            order = await given.order(random.choice(shops))
            # As the use cases would write it, with the calendar in mind.
            await given.take(order, Action.REQUEST_FEEDBACK)
            self.clock.pass_(timedelta(minutes=random.randrange(60)))
            for action in random.choice(
                [(), (Action.RESPOND,), (Action.APPROVE,), (Action.RESPOND, Action.RESEND)]
            ):
                await given.take(order, action)
            orders.append(order)
        return orders

    async def told(self, orders: list[OrderRef]) -> list[Any]:
        """Rows and events without what differs from world to world."""
        found: list[Any] = []
        own = {"id", "merchant_id", "application_id", "service_order_id", "order_number"}
        async with self.given.parts.database.read() as connection:
            for order in orders:
                for table, key in ((service_orders, "id"), (events, "service_order_id")):
                    rows = await connection.execute(
                        sa.select(table)
                        .where(table.c.merchant_id == order.merchant_id, table.c[key] == order.key)
                        .order_by(table.c.version if key == "id" else table.c.sequence)
                    )
                    found.append(
                        [
                            {name: row[name] for name in row if name not in own}
                            for row in rows.mappings()
                        ]
                    )
        return found


@pytest.fixture
async def twins(
    backend: Backend, parts: Parts, tmp_path: Path, given: World, clock: StoppedClock
) -> AsyncIterator[tuple[Twin, Twin]]:
    url, other = await backend.fresh(tmp_path), StoppedClock()
    database = Database.open(url)
    beside = Parts(database, parts.keys, parts.pictures, other)
    yield Twin(given, clock), Twin(World(beside), other)
    await database.close()
    await backend.release(url)


async def step(twin: Twin, end: datetime) -> int:
    """Let time stop at each deadline; answers how often it did."""
    database, stops = twin.given.parts.database, 0
    while (due := await next_due(database)) is not None and due <= end:
        twin.clock.time = due
        await fire_timers(database, due)
        stops += 1
    return stops


@pytest.mark.parametrize("seed", range(4))
async def test_a_jump_over_several_deadlines_leaves_what_steps_would_have_left(
    twins: tuple[Twin, Twin], seed: int
) -> None:
    stepping, jumping = twins
    stepped, jumped = await stepping.live(seed), await jumping.live(seed)
    end = NOON + 31 * DAY
    assert await step(stepping, end) > len(stepped) / 2
    jumping.clock.time = end
    await fire_timers(jumping.given.parts.database, end, at_deadlines=True)
    assert await jumping.told(jumped) == await stepping.told(stepped)
    assert await next_due(jumping.given.parts.database) is None
