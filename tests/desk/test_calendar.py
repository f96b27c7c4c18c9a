"""Pauses that the platform declares: running clocks move by the overlap, and say so."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.statuses import FINAL, Status
from jobs.timers import fire_timers
from models.pause_window import PauseWindow
from models.queries.calendar import lock_all
from models.tables import add
from tests.client import Client
from tests.conftest import NOON, StoppedClock
from tests.given import ITEM, OrderRef, World

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
CLOCKS = """query($id: ID!) { serviceOrder(id: $id) { version
  clock { dueAt remaining } reviewClock { dueAt }
  timeline(last: 2) { kind actor { kind } details
    explanation { startedAt dueAt ranAt pauses { startAt endAt } } } } }"""


def at(hours: float) -> str:
    return (NOON + hours * HOUR).isoformat()


async def declare(client: Client, start: float, end: float, name: str = "国庆") -> list[str]:
    said = {"name": name, "startAt": at(start), "endAt": at(end)}
    return await client.codes("declarePauseWindow", **said)


async def calendar(client: Client, given: World) -> Client:
    return client.as_((await given.platform()).token)


async def due(client: Client, order: OrderRef) -> Any:
    found = await client.ask(CLOCKS, id=order.id)
    if found["reviewClock"]:
        assert found["reviewClock"]["dueAt"] == found["clock"]["dueAt"]
    return found["clock"]["dueAt"]


async def test_a_running_clock_moves_by_the_overlap_and_the_approval_explains_it(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner, platform = client.as_(shop.owner.token), await calendar(client, given)
    assert await declare(platform, 10, 34) == []
    found = await owner.ask(CLOCKS, id=order.id)
    assert found["clock"] == {"dueAt": at(72), "remaining": 48 * 3600}
    assert found["version"] == 2
    moved = found["timeline"][-1]
    assert (moved["kind"], moved["actor"]) == ("CLOCK_MOVED", {"kind": "PLATFORM"})
    assert moved["details"] == {"window": "国庆", "from": at(48), "to": at(72)}
    clock.pass_(72 * HOUR - timedelta(seconds=1))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    clock.pass_(timedelta(seconds=1))
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    found = await owner.ask(CLOCKS, id=order.id)
    assert found["timeline"][-1]["explanation"] == {
        "startedAt": at(0),
        "dueAt": at(72),
        "ranAt": at(72),
        "pauses": [{"startAt": at(10), "endAt": at(34)}],
    }


async def test_a_decision_waits_for_a_pause_that_is_being_declared_and_heeds_it(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = [await given.order(shop) for _ in range(2)]
    desk = client.as_((await given.reviewer(shop)).token)
    approve: dict[str, Any] = {"decision": {"approve": {}}}
    assert await desk.codes("reviewServiceOrder", id=orders[0].id, **approve) == []
    async with given.parts.database.write() as connection:
        await lock_all(connection)
        review = asyncio.create_task(desk.codes("reviewServiceOrder", id=orders[1].id, **approve))
        done, _ = await asyncio.wait([review], timeout=0.3)
        assert not done
        await add(
            connection,
            PauseWindow(
                id=1,
                name="国庆",
                start_at=NOON + 10 * HOUR,
                end_at=NOON + 34 * HOUR,
                declared_by="平台",
                declared_at=NOON,
            ),
        )
    assert await review == []
    before, after = [datetime.fromisoformat(await due(desk, one)) for one in orders]
    assert after - before == 24 * HOUR


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 24, 72),
        (47.5, 57.5, 58),
        (48, 58, 48),
        (100, 200, 48),
    ],
)
async def test_a_pause_counts_only_where_the_clock_would_have_run(
    client: Client, given: World, start: float, end: float, expected: int
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    assert await declare(await calendar(client, given), start, end) == []
    assert await due(owner, order) == at(expected)
    assert (await given.row(order)).version == (1 if expected == 48 else 2)


async def test_an_order_that_comes_later_counts_the_rest_of_the_pause(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    storefront = client.as_((await given.connector(shop)).token)
    platform = await calendar(client, given)
    assert await declare(platform, 1, 11) == []
    clock.pass_(5 * HOUR)
    made = await storefront.do(
        "submitApplication",
        "application { serviceOrders { reviewClock { startedAt dueAt } } }",
        externalRef="A",
        orderNumber="P",
        customerRef="c",
        customerName="李",
        customerPhone="1",
        items=[ITEM],
    )
    assert made["application"]["serviceOrders"] == [
        {"reviewClock": {"startedAt": at(5), "dueAt": at(5 + 6 + 48)}}
    ]


async def test_several_pauses_add_up_in_whatever_order_they_are_declared(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner, platform = client.as_(shop.owner.token), await calendar(client, given)
    # The second is out of reach until the first has moved the clock into it.
    assert await declare(platform, 50, 60, "二") == []
    assert await due(owner, order) == at(48)
    assert await declare(platform, 10, 20, "一") == []
    assert await due(owner, order) == at(48 + 10 + 10)
    assert await declare(platform, 30, 31, "三") == []
    assert await due(owner, order) == at(48 + 21)
    row = await given.row(order)
    pauses = [
        (datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"]))
        for one in row.review_pauses
    ]
    assert pauses == [
        (NOON + start * HOUR, NOON + end * HOUR) for start, end in ((10, 20), (30, 31), (50, 60))
    ]


async def test_every_running_clock_moves_and_none_that_has_stopped(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    orders = {status: await given.in_status(shop, status) for status in Status}
    theirs = await given.order(other)
    overdue = await given.order(shop, clock_due_at=NOON, review_due_at=NOON)
    before = {status: (await given.row(order)).clock_due_at for status, order in orders.items()}
    assert await declare(await calendar(client, given), 1, 25) == []
    for status, order in orders.items():
        row = await given.row(order)
        if status in FINAL:
            assert (row.clock_due_at, row.version) == (None, 1)
        else:
            assert row.clock_due_at == before[status] + 24 * HOUR
            assert row.version == 2
    assert (await given.row(theirs)).clock_due_at == NOON + 72 * HOUR
    assert (await given.row(overdue)).version == 1


async def test_what_was_left_while_the_customer_is_asked_is_not_touched_by_a_pause(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner, platform = client.as_(shop.owner.token), await calendar(client, given)
    customer = client.as_((await given.customer(shop)).token)
    clock.pass_(8 * HOUR)
    await owner.do(
        "reviewServiceOrder", id=order.id, decision={"requestFeedback": {"question": "?"}}
    )
    assert await declare(platform, 10, 20) == []
    clock.pass_(7 * HOUR)  # into the pause
    await customer.do("respondToFeedback", id=order.id, text="好")
    assert await due(owner, order) == at(20 + 40)


async def test_windows_do_not_overlap_and_may_touch(client: Client, given: World) -> None:
    platform = await calendar(client, given)
    assert await declare(platform, 10, 20) == []
    for start, end in ((10, 20), (5, 11), (19, 30), (12, 13), (1, 100)):
        refusal = await platform.refused(
            "declarePauseWindow", name="重叠", startAt=at(start), endAt=at(end)
        )
        assert (refusal["code"], refusal["startAt"], refusal["endAt"]) == (
            "WINDOW_OVERLAPS",
            at(10),
            at(20),
        )
    assert await declare(platform, 20, 30) == []
    assert await declare(platform, 5, 10) == []
    found = await platform.ask("{ pauseWindows { name startAt endAt declaredBy { kind name } } }")
    assert [(one["startAt"], one["endAt"]) for one in found] == [
        (at(5), at(10)),
        (at(10), at(20)),
        (at(20), at(30)),
    ]
    assert found[0] == {
        "name": "国庆",
        "startAt": at(5),
        "endAt": at(10),
        "declaredBy": {"kind": "PLATFORM", "name": "平台小王"},
    }


async def test_a_pause_that_is_over_is_no_longer_listed(
    client: Client, given: World, clock: StoppedClock
) -> None:
    platform = await calendar(client, given)
    assert await declare(platform, 1, 2) == []
    query = "{ pauseWindows { name } }"
    clock.pass_(2 * HOUR - timedelta(seconds=1))
    assert await platform.ask(query) == [{"name": "国庆"}]
    clock.pass_(timedelta(seconds=1))
    assert await platform.ask(query) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-22T11:59:59Z", "2026-11-23T00:00:00Z"),
        ("2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("2026-11-24T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("2026-11-23T00:00:00", "2026-11-24T00:00:00"),
        ("2026-11-23", "2026-11-24"),
        ("tomorrow", "2026-11-24T00:00:00Z"),
        ("2026-02-30T00:00:00Z", "2026-03-30T00:00:00Z"),
        ("2026-11-23T25:00:00Z", "2026-11-24T00:00:00Z"),
        ("2026-11-23T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T00:00:00Z", "9999-12-31T23:59:59-14:00"),
    ],
)
async def test_a_window_that_makes_no_sense_is_bad_input(
    client: Client, given: World, start: str, end: str
) -> None:
    order = await given.order(await given.merchant())
    platform = await calendar(client, given)
    codes = await platform.codes("declarePauseWindow", name="假期", startAt=start, endAt=end)
    assert set(codes) == {"BAD_USER_INPUT"}
    assert (await given.row(order)).version == 1
    assert await platform.ask("{ pauseWindows { name } }") == []
