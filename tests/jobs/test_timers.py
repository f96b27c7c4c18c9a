"""The clock approves what nobody reviewed: on the second, once, and with the reason why."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from database.database import Database
from domain.clocks import CONSEQUENCES, REVIEW_GRACE
from domain.events import EventKind
from domain.statuses import Status
from jobs.timers import BATCH, SweepResult, fire_timers, next_due
from tests.client import Client
from tests.conftest import NOON, StoppedClock
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

SUBMITTED, APPROVED = EventKind.SUBMITTED, EventKind.AUTO_APPROVED
BLOCKED = EventKind.AUTO_APPROVAL_BLOCKED
DAYS = timedelta(days=1)


async def sweep(given: World) -> tuple[int, int]:
    swept = await fire_timers(given.parts.database, given.now)
    return swept.approved, swept.blocked


async def test_not_at_47_59_59_and_at_48_00_00_once(given: World, clock: StoppedClock) -> None:
    order = await given.order(await given.merchant())
    clock.pass_(timedelta(hours=47, minutes=59, seconds=59))
    assert await sweep(given) == (0, 0)
    clock.pass_(timedelta(seconds=1) - timedelta(microseconds=1))
    assert await sweep(given) == (0, 0)
    assert (await given.row(order)).version == 1
    clock.pass_(timedelta(microseconds=1))
    assert await sweep(given) == (1, 0)
    assert await sweep(given) == (0, 0)
    row = await given.row(order)
    assert (row.status, row.version, row.decided_by) == (Status.AWAITING_SHIPMENT, 2, "系统")
    assert row.decided_at == NOON + timedelta(hours=48)
    assert row.clock_due_at == NOON + timedelta(hours=48) + 7 * DAYS
    assert await given.kinds(order) == [SUBMITTED, APPROVED]


async def test_after_an_outage_of_days_everything_is_caught_up_once_and_says_when_it_was_due(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    orders = []
    for at in range(BATCH + 1):
        [order] = await given.application(shop if at % 2 else other)
        orders.append(order)
        clock.pass_(timedelta(seconds=1))
    clock.pass_(6 * DAYS)
    fresh = await given.order(shop)
    assert await sweep(given) == (BATCH + 1, 0)
    assert await sweep(given) == (0, 0)
    assert [await given.kinds(order) for order in orders] == [[SUBMITTED, APPROVED]] * len(orders)
    assert await given.kinds(fresh) == [SUBMITTED]
    query = """query($id: ID!) { serviceOrder(id: $id) { review { at }
      timeline(last: 1) { at explanation { startedAt dueAt ranAt pauses { startAt } } } } }"""
    found = await client.as_(other.owner.token).ask(query, id=orders[0].id)
    ran_at = given.now.isoformat()
    assert found == {
        "review": {"at": ran_at},
        "timeline": [
            {
                "at": ran_at,
                "explanation": {
                    "startedAt": NOON.isoformat(),
                    "dueAt": (NOON + 2 * DAYS).isoformat(),
                    "ranAt": ran_at,
                    "pauses": [],
                },
            }
        ],
    }


async def test_told_to_stop_it_takes_nothing_new(given: World, clock: StoppedClock) -> None:
    order = await given.order(await given.merchant())
    clock.pass_(2 * DAYS)
    stop = asyncio.Event()
    stop.set()
    assert await fire_timers(given.parts.database, given.now, stop) == SweepResult()
    assert await given.kinds(order) == [SUBMITTED]


async def test_many_workers_on_connections_of_their_own_approve_each_order_once(
    given: World, clock: StoppedClock
) -> None:
    shop, bare = await given.merchant(), await given.merchant("另一家", address=False)
    orders = await given.application(shop, 40)
    blocked = await given.application(bare, 10)
    clock.pass_(2 * DAYS)
    url = given.parts.database.writing.url.render_as_string(hide_password=False)
    workers = [Database.open(url) for _ in range(4)]
    swept: list[SweepResult] = await asyncio.gather(
        *(fire_timers(worker, clock.now()) for worker in workers * 2)
    )
    for worker in workers:
        await worker.close()
    assert sum(one.approved for one in swept) == len(orders)
    assert sum(one.blocked for one in swept) == len(blocked)
    assert [await given.kinds(order) for order in orders] == [[SUBMITTED, APPROVED]] * 40
    assert [await given.kinds(order) for order in blocked] == [[SUBMITTED, BLOCKED]] * 10


async def test_without_an_address_the_order_is_flagged_once_and_stays_overdue(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant(address=False)
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    clock.pass_(2 * DAYS)
    assert await sweep(given) == (0, 1)
    for _ in range(3):
        clock.pass_(DAYS)
        assert await sweep(given) == (0, 0)
    assert await given.kinds(order) == [SUBMITTED, BLOCKED]
    query = """{ serviceOrders(filter: {overdue: true, status: [PENDING_REVIEW]}) { nodes {
      id status autoApprovalBlocked reviewClock { remaining } review { decision } } } }"""
    assert (await owner.ask(query))["nodes"] == [
        {
            "id": order.id,
            "status": "PENDING_REVIEW",
            "autoApprovalBlocked": True,
            "reviewClock": {"remaining": -3 * 86_400},
            "review": None,
        }
    ]


@pytest.mark.parametrize(
    ("name", "said", "status"),
    [
        ("reject", {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}, "REJECTED"),
        ("recordGiveUp", {"customerNote": "不退了"}, "CANCELLED"),
        ("requestFeedback", {"question": "?"}, "AWAITING_FEEDBACK"),
    ],
)
async def test_what_is_blocked_can_still_be_decided_by_a_person(
    client: Client, given: World, clock: StoppedClock, name: str, said: dict[str, Any], status: str
) -> None:
    shop = await given.merchant(address=False)
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    clock.pass_(2 * DAYS)
    await sweep(given)
    shape = "serviceOrder { status autoApprovalBlocked }"
    payload = await owner.do("reviewServiceOrder", shape, id=order.id, decision={name: said})
    assert payload["serviceOrder"] == {"status": status, "autoApprovalBlocked": False}
    assert await sweep(given) == (0, 0)


async def test_a_blocked_order_whose_customer_answered_is_due_again(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant(address=False)
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    clock.pass_(2 * DAYS)
    await sweep(given)
    await owner.do(
        "reviewServiceOrder", id=order.id, decision={"requestFeedback": {"question": "?"}}
    )
    await customer.do("respondToFeedback", id=order.id, text="好")
    assert await sweep(given) == (0, 0)
    clock.pass_(REVIEW_GRACE)
    assert await sweep(given) == (0, 1)
    await given.return_address(shop.id)
    assert await sweep(given) == (0, 0)  # flagged until the merchant saves an address


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.PENDING_REVIEW])
async def test_nothing_is_approved_that_somebody_has_decided(
    given: World, clock: StoppedClock, status: Status
) -> None:
    order = await given.in_status(await given.merchant(), status)
    clock.pass_(365 * DAYS)
    assert await sweep(given) == (0, 0)
    assert EventKind.AUTO_APPROVED not in await given.kinds(order)


async def test_after_the_deadline_a_person_may_decide_until_the_clock_has(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    person, late = await given.application(shop, 2)
    owner = client.as_(shop.owner.token)
    decision = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}
    clock.pass_(2 * DAYS + timedelta(minutes=1))
    assert await owner.codes("reviewServiceOrder", id=person.id, decision=decision) == []
    assert await sweep(given) == (1, 0)
    refusal = await owner.refused("reviewServiceOrder", id=late.id, decision=decision)
    assert {name: refusal[name] for name in ("code", "by", "decision", "automatic")} == {
        "code": "ALREADY_DECIDED",
        "by": {"kind": "SYSTEM", "name": "系统"},
        "decision": "AUTO_APPROVE",
        "automatic": True,
    }
    assert (await given.row(person)).status is Status.REJECTED


async def test_the_address_of_that_moment_is_what_the_customer_is_told(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    await given.return_address(shop.id, is_default=False)
    order = await given.order(shop)
    clock.pass_(2 * DAYS)
    await sweep(given)
    query = """query($id: ID!) { serviceOrder(id: $id) {
      review { decision automatic reviewer { name } reason { code } customerNote evidence { id }
        returnAddress { contact phone detail } shipment { goods } } } }"""
    found = await client.as_(shop.owner.token).ask(query, id=order.id)
    assert found["review"] == {
        "decision": "AUTO_APPROVE",
        "automatic": True,
        "reviewer": {"name": "系统"},
        "reason": None,
        "customerNote": None,
        "evidence": [],
        "returnAddress": {
            "contact": "王店长",
            "phone": "13800138000",
            "detail": "科技园路 1 号",
        },
        "shipment": None,
    }


async def test_what_was_asked_before_is_not_left_over_in_the_approval(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    await owner.do(
        "reviewServiceOrder", id=order.id, decision={"requestFeedback": {"question": "照片?"}}
    )
    await customer.do("respondToFeedback", id=order.id, text="好")
    clock.pass_(2 * DAYS)
    assert await sweep(given) == (1, 0)
    row = await given.row(order)
    assert row.review_customer_note is None
    assert row.review_paused_at is None


async def test_the_next_deadline_is_the_earliest_of_those_that_are_watched(
    client: Client, given: World, clock: StoppedClock
) -> None:
    database = given.parts.database
    assert await next_due(database) is None
    shop, bare = await given.merchant(), await given.merchant("另一家", address=False)

    async def pending(**columns: Any) -> OrderRef:
        return await given.order(shop, **columns)

    blocked = await given.order(bare)
    clock.pass_(timedelta(hours=1))
    first = await pending()
    clock.pass_(timedelta(hours=1))
    await pending()
    for status in Status:
        if status is not Status.PENDING_REVIEW and CONSEQUENCES.get(status) is None:
            await given.in_status(shop, status)
    assert await next_due(database) == NOON + 2 * DAYS
    clock.pass_(2 * DAYS - timedelta(hours=2))
    assert await sweep(given) == (0, 1)
    assert (await given.row(blocked)).auto_approval_blocked
    assert await next_due(database) == NOON + 2 * DAYS + timedelta(hours=1)
    decision = {"requestFeedback": {"question": "?"}}
    owner = client.as_(shop.owner.token)
    await owner.do("reviewServiceOrder", id=first.id, decision=decision)
    assert await next_due(database) == NOON + 2 * DAYS + timedelta(hours=2)
