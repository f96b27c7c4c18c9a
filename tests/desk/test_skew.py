"""Processes that disagree about the time: nothing is early, and nothing goes back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app
from database.database import Database
from doctor.examine import examine
from doctor.finding import Finding
from domain.events import EventKind
from domain.statuses import Status
from jobs import loop
from jobs.timers import fire_timers
from models.clock import Clock, SandboxClock
from models.database_clock import DatabaseClock
from models.machine_clock import MachineClock
from models.service_order import events, service_orders
from parts import Parts
from tests.client import Client, Failed
from tests.conftest import NOON, StoppedClock
from tests.given import ITEM, OrderRef, World
from tests.machine import WrongMachine

pytestmark = pytest.mark.anyio

MINUTES = timedelta(minutes=1)
QUESTION = {"requestFeedback": {"question": "?"}}
APPLICATION = {
    "externalRef": "A-1",
    "orderNumber": "P-1",
    "customerRef": "customer-1",
    "customerName": "李小花",
    "customerPhone": "13812345678",
    "items": [ITEM],
}

Node = Callable[[Clock], Awaitable[Client]]


@pytest.fixture
async def node(parts: Parts, schema) -> AsyncIterator[Node]:
    """Another process on the same database, with a clock of its own."""
    async with AsyncExitStack() as stack:

        async def started(clock: Clock) -> Client:
            own = Parts(parts.database, parts.keys, parts.pictures, clock)
            app = create_app(own, runs_clock=False, schema=schema)
            return await stack.enter_async_context(Client.of(app))

        yield started


@pytest.fixture
def server(database: Database) -> Database:
    if database.is_sqlite:
        pytest.skip("SQLite has no clock of its own")
    return database


def stopped_at(time: datetime) -> StoppedClock:
    clock = StoppedClock()
    clock.time = time
    return clock


async def measured(server: Database, skew: timedelta) -> DatabaseClock:
    clock = DatabaseClock(WrongMachine(skew).clocks)
    await clock.measure(server)
    return clock


async def times(given: World, order: OrderRef) -> list[datetime]:
    async with given.parts.database.read() as connection:
        found = await connection.execute(
            sa.select(events.c.at)
            .where(
                events.c.merchant_id == order.merchant_id, events.c.service_order_id == order.key
            )
            .order_by(events.c.sequence)
        )
        return list(found.scalars())


async def only_order(given: World, merchant_id: int) -> OrderRef:
    async with given.parts.database.read() as connection:
        found = await connection.execute(
            sa.select(service_orders.c.id, service_orders.c.application_id).where(
                service_orders.c.merchant_id == merchant_id
            )
        )
        id_, application = found.one()
    return OrderRef(merchant_id, id_, application)


# On either database, with nodes that differ by ten minutes: the worst that can happen.


async def test_a_question_on_one_node_and_the_answer_on_another_make_no_pause_that_ends_before_it_begins(  # noqa: E501
    given: World, node: Node
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    asked_at = NOON + 60 * MINUTES
    ahead, behind = await node(stopped_at(asked_at)), await node(stopped_at(NOON + 50 * MINUTES))
    owner, customer = ahead.as_(shop.owner.token), behind.as_((await given.customer(shop)).token)
    assert await owner.codes("reviewServiceOrder", id=order.id, decision=QUESTION) == []
    assert await customer.codes("respondToFeedback", id=order.id, text="好") == []
    row = await given.row(order)
    assert row.review_pauses == [{"from": asked_at.isoformat(), "to": asked_at.isoformat()}]
    assert row.review_due_at == NOON + timedelta(hours=48)  # the pause lasted for nothing
    assert await times(given, order) == [NOON, asked_at, asked_at]
    assert row.updated_at == asked_at


async def test_an_approval_never_comes_before_the_application(given: World, node: Node) -> None:
    shop = await given.merchant()
    ahead, behind = await node(stopped_at(NOON)), await node(stopped_at(NOON - 10 * MINUTES))
    storefront = ahead.as_((await given.connector(shop)).token)
    assert await storefront.codes("submitApplication", **APPLICATION) == []
    order = await only_order(given, shop.id)
    owner = behind.as_(shop.owner.token)
    assert await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": {}}) == []
    row = await given.row(order)
    assert await times(given, order) == [NOON, NOON]
    assert (row.decided_at, row.clock_started_at) == (NOON, NOON)
    assert row.clock_due_at == NOON + timedelta(days=7)


async def test_whatever_happens_to_an_order_on_a_node_behind_its_events_never_descend(
    given: World, node: Node
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    clock = stopped_at(NOON - 10 * MINUTES)
    client = await node(clock)
    owner, customer = client.as_(shop.owner.token), client.as_((await given.customer(shop)).token)
    platform = client.as_((await given.platform()).token)
    steps: list[tuple[Client, str, dict[str, Any]]] = [
        (owner, "addNote", {"id": order.id, "text": "看一下"}),
        (owner, "revealCustomerContact", {"id": order.id}),
        (
            platform,
            "declarePauseWindow",
            {
                "name": "国庆",
                "startAt": (NOON + timedelta(hours=1)).isoformat(),
                "endAt": (NOON + timedelta(hours=2)).isoformat(),
            },
        ),
        (owner, "reviewServiceOrder", {"id": order.id, "decision": QUESTION}),
        (customer, "respondToFeedback", {"id": order.id, "text": "好"}),
        (owner, "reviewServiceOrders", {"ids": [order.id], "decision": {"approve": {}}}),
        (customer, "shipServiceOrder", {"id": order.id, "carrier": "顺丰", "waybill": "SF1"}),
    ]
    for who, name, said in steps:
        clock.time -= timedelta(seconds=1)
        assert await who.codes(name, **said) == [], name
    assert await times(given, order) == [NOON] * (1 + len(steps))
    assert (await given.row(order)).updated_at == NOON
    found: list[Finding] = []
    async with given.parts.database.read() as connection:
        await examine(connection, given.parts.pictures, NOON, found.append)
    assert found == []


async def test_the_sweep_of_a_node_behind_does_not_go_back_either(given: World) -> None:
    shop, bare = await given.merchant(), await given.merchant("另一家", address=False)
    due = NOON + timedelta(hours=48)
    noted, plain = await given.application(shop, 2, updated_at=NOON)
    [blocked] = await given.application(bare, updated_at=due + 10 * MINUTES)
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.update(service_orders)
            .where(service_orders.c.merchant_id == shop.id, service_orders.c.id == noted.key)
            .values(updated_at=due + 10 * MINUTES)
        )
    swept = await fire_timers(given.parts.database, due)
    assert (swept.approved, swept.blocked) == (2, 1)
    assert (await times(given, plain))[-1] == due
    for order in (noted, blocked):
        assert (await times(given, order))[-1] == due + 10 * MINUTES
    row = await given.row(noted)
    assert row.decided_at == row.clock_started_at == row.updated_at == due + 10 * MINUTES


# On PostgreSQL, with machines that are wrong.


async def due_in(given: World, clock: StoppedClock, left: timedelta, count: int) -> list[OrderRef]:
    """Orders that are due so long after now, by the database's clock."""
    clock.time = datetime.now(UTC) + left - timedelta(hours=48)
    shop = await given.merchant()
    return await given.application(shop, count)


@pytest.mark.parametrize("skew", [10 * MINUTES, timedelta(hours=3)])
async def test_a_worker_whose_clock_is_ahead_approves_nothing_early(
    given: World, clock: StoppedClock, server: Database, skew: timedelta
) -> None:
    orders = await due_in(given, clock, 5 * MINUTES, 40)
    ahead = await measured(server, skew)
    stop = asyncio.Event()
    ticking = asyncio.create_task(loop.run(server, ahead, stop))
    await asyncio.sleep(0.5)
    stop.set()
    await ticking
    assert {(await given.row(order)).status for order in orders} == {Status.PENDING_REVIEW}


@pytest.mark.parametrize("believed", [10 * MINUTES, timedelta(hours=3)])
async def test_whatever_a_sweep_is_told_the_database_says_what_is_due(
    given: World, clock: StoppedClock, server: Database, believed: timedelta
) -> None:
    [late] = await due_in(given, clock, -MINUTES, 1)
    early = await due_in(given, clock, MINUTES, 40)
    told = datetime.now(UTC) + believed
    swept = await fire_timers(server, told, lead=timedelta())
    assert swept.approved == 1
    assert {(await given.row(order)).status for order in early} == {Status.PENDING_REVIEW}
    row = await given.row(late)
    assert row.review_due_at <= row.decided_at < told - believed / 2


async def test_a_sandbox_that_was_moved_on_is_held_to_the_database_s_time_and_its_lead(
    given: World, clock: StoppedClock, server: Database
) -> None:
    moved = SandboxClock(await measured(server, timedelta()))
    moved.ahead = timedelta(days=2)
    clock.time = datetime.now(UTC)
    [order] = await given.application(await given.merchant())
    clock.time += 5 * MINUTES
    [later] = await given.application(await given.merchant("另一家"))
    told = moved.now() + timedelta(hours=3)
    assert (await fire_timers(server, told, lead=moved.lead)).approved == 1
    assert (await given.row(order)).status is Status.AWAITING_SHIPMENT
    assert (await given.row(later)).status is Status.PENDING_REVIEW


@pytest.mark.parametrize("skew", [timedelta(seconds=-25), timedelta(seconds=25)])
async def test_a_web_node_with_a_wrong_clock_stores_right_deadlines(
    given: World, node: Node, server: Database, skew: timedelta
) -> None:
    shop = await given.merchant()
    client = await node(await measured(server, skew))
    storefront = client.as_((await given.connector(shop)).token)
    assert await storefront.codes("submitApplication", **APPLICATION) == []
    row = await given.row(await only_order(given, shop.id))
    async with server.read() as connection:
        said = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    assert timedelta() <= said - row.applied_at < timedelta(seconds=20)
    assert row.clock_due_at == row.review_due_at == row.applied_at + timedelta(hours=48)


@pytest.mark.parametrize("skew", [-10 * MINUTES, 10 * MINUTES])
async def test_a_web_node_that_is_far_off_changes_nothing_and_says_so(
    given: World, node: Node, server: Database, skew: timedelta
) -> None:
    shop = await given.merchant()
    client = await node(await measured(server, skew))
    storefront = client.as_((await given.connector(shop)).token)
    body = {
        "query": "mutation($input: SubmitApplicationInput!) "
        "{ submitApplication(input: $input) { refusals { code } } }",
        "variables": {"input": APPLICATION},
    }
    for _ in range(2):  # also once it is planned
        answer = await storefront.post(body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert [one["extensions"] for one in answer.json()["errors"]] == [
            {"code": "UNAVAILABLE", "retryAfter": 5.0}
        ]
    ready = await client.http.get("/readyz")
    assert ready.status_code == 503
    said = f"the machine's clock differs from the database's by {skew.total_seconds():+.1f} s"
    assert ready.json()["status"][:60] == said[:60]
    assert abs(ready.json()["clockSkewSeconds"] - skew.total_seconds()) < 1
    assert (await client.http.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("skew", "code"), [(timedelta(), "UNAUTHENTICATED"), (10 * MINUTES, "UNAVAILABLE")]
)
async def test_by_a_wrong_clock_nobody_s_token_is_refused_as_bad(
    node: Node, server: Database, skew: timedelta, code: str
) -> None:
    client = (await node(await measured(server, skew))).as_("what a wrong clock calls expired")
    for _ in range(2):  # also once it is planned
        with pytest.raises(Failed) as failed:
            await client.ask("{ viewer { name } }")
        assert failed.value.codes == [code]


async def test_readyz_shows_a_skew_that_is_tolerable(node: Node, server: Database) -> None:
    client = await node(await measured(server, timedelta(seconds=12)))
    ready = await client.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert abs(ready.json()["clockSkewSeconds"] - 12) < 1
    assert 0 < ready.json()["clockErrorSeconds"] < 1


# On either database: a sweep that does not trust the time.


async def test_after_a_jump_ahead_the_sweep_waits_and_says_so_once(
    given: World, clock: StoppedClock, node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    machine = WrongMachine()
    jumping = MachineClock(machine.clocks)
    clock.time = datetime.now(UTC) - timedelta(hours=47)
    order = await given.order(await given.merchant())
    stop = asyncio.Event()
    ticking = asyncio.create_task(loop.run(given.parts.database, jumping, stop))
    machine.jump(timedelta(hours=3))
    async with asyncio.timeout(30):
        while not any("the clock waits" in one for one in caplog.messages):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
    await asyncio.sleep(2.5)  # some rounds more
    assert sum("the clock waits" in one for one in caplog.messages) == 1
    assert await given.kinds(order) == [EventKind.SUBMITTED]
    ready = await (await node(jumping)).http.get("/readyz")
    assert ready.status_code == 200
    assert abs(ready.json()["clockJumpSeconds"] - 3 * 3600) < 1
    machine.wait(10 * MINUTES)
    async with asyncio.timeout(30):
        while len(await given.kinds(order)) == 1:  # noqa: ASYNC110 - the loop tells nobody
            await asyncio.sleep(0.05)
    stop.set()
    await ticking
