"""The feed: each event once, in an order in which nothing can appear before a cursor."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from database.database import Database
from domain.actors import ActorKind
from domain.events import EventKind
from domain.feed import EventIdentity, FeedCursor
from domain.permissions import Permission
from domain.statuses import Status
from jobs.sequencer import keep_sequencing, purge, sequence
from jobs.timers import fire_timers
from models.clock import WallClock
from models.feed import feed, in_outbox, outbox
from models.queries.feed import window
from models.service_order import ServiceOrderEvent
from models.tables import add
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio

EVENTS = """query($after: String, $first: Int! = 100, $filter: EventFilter, $merchantId: ID) {
  events(after: $after, first: $first, filter: $filter, merchantId: $merchantId) {
    nodes { cursor event { kind sequence } serviceOrder { id status version } }
    endCursor hasNextPage } }"""
SNAPSHOT = """query($merchantId: ID, $first: Int) {
  snapshot(merchantId: $merchantId, first: $first) { cursor
    serviceOrders { nodes { id version } pageInfo { hasNextPage } } } }"""


async def place(given: World) -> int:
    return await sequence(given.parts.database, WallClock().now())


def steps(page: Any) -> list[tuple[str, int]]:
    return [(node["serviceOrder"]["id"], node["event"]["sequence"]) for node in page["nodes"]]


async def note(client: Client, order: OrderRef, text: str = "备注") -> None:
    assert await client.codes("addNote", id=order.id, text=text) == []


async def test_every_step_is_in_the_feed_once_and_in_its_order(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner, orders = client.as_(shop.owner.token), await given.application(shop, 3)
    for order in orders:
        await note(owner, order)
        clock.pass_(timedelta(seconds=1))
    codes = await owner.codes("reviewServiceOrder", id=orders[1].id, decision={"approve": {}})
    assert codes == []
    empty = await owner.ask(EVENTS)
    assert (empty["nodes"], empty["hasNextPage"]) == ([], False)
    assert await place(given) == 4
    assert await place(given) == 0
    page = await owner.ask(EVENTS, after=empty["endCursor"])
    assert steps(page) == [
        *[(order.id, 2) for order in orders],
        (orders[1].id, 3),
    ]
    assert page["nodes"][3]["event"]["kind"] == "APPROVED"
    assert page["nodes"][3]["serviceOrder"]["status"] == "AWAITING_SHIPMENT"
    rest = await owner.ask(EVENTS, after=page["nodes"][1]["cursor"])
    assert steps(rest) == steps(page)[2:]
    assert rest["endCursor"] == page["endCursor"] == page["nodes"][-1]["cursor"]


async def test_an_application_and_the_clocks_steps_are_in_the_feed(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 2)
    clock.pass_(timedelta(hours=49))
    await fire_timers(given.parts.database, clock.now())
    assert await place(given) == 2
    page = await client.as_(shop.owner.token).ask(EVENTS)
    assert {node["event"]["kind"] for node in page["nodes"]} == {"AUTO_APPROVED"}
    assert {order for order, _ in steps(page)} == {order.id for order in orders}


async def test_pages_and_filters_go_on_where_the_last_page_ended(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner, orders = client.as_(shop.owner.token), await given.application(shop, 5)
    for order in orders:
        await note(owner, order)
        await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": {}})
    await place(given)
    seen, cursor, pages = [], None, 0
    while True:
        page = await owner.ask(EVENTS, after=cursor, first=3)
        seen += steps(page)
        cursor, pages = page["endCursor"], pages + 1
        if not page["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 10
    assert pages == 4
    approved = await owner.ask(EVENTS, filter={"kind": ["APPROVED"]}, first=2)
    assert [node["event"]["kind"] for node in approved["nodes"]] == ["APPROVED"] * 2
    assert approved["hasNextPage"]
    others = await owner.ask(EVENTS, filter={"kind": ["APPROVED"]}, after=approved["endCursor"])
    assert len(others["nodes"]) == 3
    assert not others["hasNextPage"]
    assert others["endCursor"] == cursor
    own = await owner.ask(EVENTS, filter={"serviceOrderId": [orders[2].id]})
    assert steps(own) == [(orders[2].id, 2), (orders[2].id, 3)]
    waiting = await owner.ask(EVENTS, filter={"toStatus": ["PENDING_REVIEW"]})
    assert [node["event"]["kind"] for node in waiting["nodes"]] == ["NOTED"] * 5
    nothing = await owner.ask(EVENTS, filter={"kind": []})
    assert (nothing["nodes"], nothing["endCursor"]) == ([], cursor)


async def test_a_snapshot_and_the_events_after_it_miss_nothing(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner, (early, late) = client.as_(shop.owner.token), await given.application(shop, 2)
    await note(owner, early)
    snapshot = await owner.ask(SNAPSHOT, first=1)
    assert snapshot["serviceOrders"] == {
        "nodes": [{"id": early.id, "version": 2}],
        "pageInfo": {"hasNextPage": True},
    }
    await note(owner, late)
    await place(given)
    page = await owner.ask(EVENTS, after=snapshot["cursor"])
    assert steps(page) == [(early.id, 2), (late.id, 2)]  # the first is in the snapshot too
    assert (await owner.ask(SNAPSHOT))["cursor"] == page["endCursor"]


async def test_a_merchant_reads_its_own_feed_and_the_platform_that_of_all(
    client: Client, given: World
) -> None:
    shops = [await given.merchant() for _ in range(3)]
    orders = [await given.order(shop) for shop in shops]
    for shop, order in zip(shops, orders, strict=True):
        await note(client.as_(shop.owner.token), order)
    await place(given)
    owner = client.as_(shops[1].owner.token)
    page = await owner.ask(EVENTS)
    assert steps(page) == [(orders[1].id, 2)]
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    everything = await platform.ask(EVENTS, first=2)
    more = await platform.ask(EVENTS, after=everything["endCursor"])
    assert {order for order, _ in steps(everything) + steps(more)} == {order.id for order in orders}
    assert len(steps(everything)) == 2
    named = await platform.ask(EVENTS, merchantId=shops[1].global_id)
    assert named == page
    with pytest.raises(Failed) as other:
        await owner.ask(EVENTS, after=everything["endCursor"])
    assert other.value.code == "NOT_FOUND"
    with pytest.raises(Failed) as foreign:
        await owner.ask(EVENTS, merchantId=shops[0].global_id)
    assert foreign.value.code == "NOT_FOUND"


async def test_a_connector_reads_the_feed_by_its_scope(client: Client, given: World) -> None:
    shop = await given.merchant()
    await note(client.as_(shop.owner.token), await given.order(shop))
    await place(given)
    reader = client.as_((await given.connector(shop, [Permission.SERVICE_ORDER_READ])).token)
    assert len((await reader.ask(EVENTS))["nodes"]) == 1
    submitter = client.as_((await given.connector(shop, [Permission.APPLICATION_SUBMIT])).token)
    for person in (submitter, client.as_((await given.customer(shop)).token)):
        with pytest.raises(Failed) as refused:
            await person.ask(EVENTS)
        assert refused.value.code == "FORBIDDEN"


BAD_CURSORS = ["", "x", "bm90", "W10", "WyJmZWVkIiwtMSwxXQ", "a" * 300, "é", "WyJmZWVkIiwxXQ"]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
async def test_a_text_that_is_no_cursor_is_refused(
    client: Client, given: World, cursor: str
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    with pytest.raises(Failed) as bad:
        await owner.ask(EVENTS, after=cursor)
    assert (bad.value.code, bad.value.extensions["argument"]) == ("BAD_USER_INPUT", ["after"])


async def test_a_cursor_from_before_what_is_kept_has_expired(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner, orders = client.as_(shop.owner.token), await given.application(shop, 3)
    database, now = given.parts.database, WallClock().now()
    for days, order in zip((3, 2, 1), orders, strict=True):
        await note(owner, order)
        await sequence(database, now - timedelta(days=days))
    start, kept, end = [node["cursor"] for node in (await owner.ask(EVENTS))["nodes"]]
    assert await purge(database, now - timedelta(days=1, hours=12)) == 2
    assert steps(await owner.ask(EVENTS)) == [(orders[2].id, 2)]
    assert steps(await owner.ask(EVENTS, after=kept)) == [(orders[2].id, 2)]
    with pytest.raises(Failed) as expired:
        await owner.ask(EVENTS, after=start)
    assert expired.value.code == "CURSOR_EXPIRED"
    assert "snapshot" in str(expired.value)
    assert await purge(database, now + timedelta(days=1)) == 1
    assert steps(await owner.ask(EVENTS, after=end)) == []
    await note(owner, orders[0])
    await place(given)
    assert steps(await owner.ask(EVENTS, after=end)) == [(orders[0].id, 3)]
    assert await purge(database, now - timedelta(days=99)) == 0


async def test_the_cursor_of_a_history_that_was_lost_has_expired(
    client: Client, given: World
) -> None:
    """A failover can lose the latest commits; other events then take their positions."""
    shop = await given.merchant()
    owner, (first, second) = client.as_(shop.owner.token), await given.application(shop, 2)
    await note(owner, first)
    await place(given)
    cursor = FeedCursor.decode((await owner.ask(EVENTS))["endCursor"])
    assert cursor.event is not None
    another = EventIdentity.of(shop.id, second.key, 2, given.now)
    at_another_time = cursor.event._replace(at=cursor.event.at - 1)
    for lost in (
        FeedCursor(cursor.merchant_id, cursor.position + 1, another),
        FeedCursor(cursor.merchant_id, cursor.position, another),
        FeedCursor(cursor.merchant_id, cursor.position, at_another_time),
    ):
        with pytest.raises(Failed) as expired:
            await owner.ask(EVENTS, after=lost.encoded())
        assert expired.value.code == "CURSOR_EXPIRED"


@asynccontextmanager
async def reading(
    database: Database, merchant: int | None
) -> AsyncIterator[list[tuple[int, int, int]]]:
    """A reader that polls as fast as it can, and what it has read until the block ends.

    It reads a merchant's feed, or the platform's.
    """
    seen: list[tuple[int, int, int]] = []
    stop = asyncio.Event()

    async def poll() -> None:
        position = 0
        while True:
            last = stop.is_set()
            async with database.read() as connection:
                rows = await window(connection, merchant, after=position, limit=7)
            seen.extend(row.event_key for row in rows)
            position = rows[-1].position if rows else position
            if last and not rows:
                return
            await asyncio.sleep(0)

    task = asyncio.create_task(poll())
    yield seen
    stop.set()
    await task


@pytest.mark.parametrize("first_commits_first", [True, False])
async def test_events_that_commit_out_of_order_are_not_missed(
    given: World, first_commits_first: bool
) -> None:
    """Two transactions stay open, with hundreds of others around, while a reader polls."""
    database = given.parts.database
    if database.is_sqlite:
        pytest.skip("SQLite has one writing transaction at a time")
    shop = await given.merchant()
    orders = await given.application(shop, 300)
    stop = asyncio.Event()
    sequencers = [
        asyncio.create_task(
            keep_sequencing(database, WallClock(), stop, retention=timedelta(days=1))
        )
        for _ in range(3)
    ]

    async def write(connection: Any, order: OrderRef) -> None:
        event = ServiceOrderEvent(**event_of(shop, order, given))
        await add(connection, event, in_outbox(event))

    async with reading(database, shop.id) as seen:
        one, two = AsyncExitStack(), AsyncExitStack()
        await write(await one.enter_async_context(database.write()), orders[0])
        await write(await two.enter_async_context(database.write()), orders[1])
        others = orders[2:]
        random.Random(7).shuffle(others)
        for start in range(0, len(others), 25):
            for order in others[start : start + 25]:
                async with database.write() as connection:
                    await write(connection, order)
            await asyncio.sleep(0.02)
        while len(seen) < len(others):  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)
        for stack in (one, two) if first_commits_first else (two, one):
            await stack.aclose()
            await asyncio.sleep(0.3)
        while len(seen) < len(orders):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.gather(*sequencers)
    assert sorted(seen) == sorted((shop.id, order.key, 2) for order in orders)
    late = [orders[0], orders[1]] if first_commits_first else [orders[1], orders[0]]
    assert [key[1] for key in seen[-2:]] == [order.key for order in late]


def event_of(shop: Shop, order: OrderRef, given: World) -> dict[str, Any]:
    return {
        "merchant_id": shop.id,
        "service_order_id": order.key,
        "sequence": 2,
        "kind": EventKind.NOTED,
        "at": given.now,
        "actor_kind": ActorKind.EMPLOYEE,
        "actor_id": 1,
        "actor_name": "小A",
        "from_status": Status.PENDING_REVIEW,
        "to_status": Status.PENDING_REVIEW,
    }


async def test_several_sequencers_give_each_event_one_place(given: World) -> None:
    database, now = given.parts.database, WallClock().now()
    shops = [await given.merchant() for _ in range(3)]
    orders = [order for shop in shops for order in await given.application(shop, 40)]
    async with database.write() as connection:
        for shop, order in zip([s for s in shops for _ in range(40)], orders, strict=True):
            event = ServiceOrderEvent(**event_of(shop, order, given))
            await add(connection, event, in_outbox(event))
    counts = await asyncio.gather(*(sequence(database, now) for _ in range(5)))
    counts.append(await sequence(database, now))
    assert sum(counts) == len(orders)
    async with database.read() as connection:
        assert (await connection.execute(sa.select(outbox))).all() == []
        rows = (await connection.execute(sa.select(feed))).all()
    assert sorted(row.platform_position for row in rows) == list(range(1, len(orders) + 1))
    for shop in shops:
        positions = sorted(row.position for row in rows if row.merchant_id == shop.id)
        assert positions == list(range(1, 41))
    assert {row.service_order_id for row in rows} == {order.key for order in orders}
