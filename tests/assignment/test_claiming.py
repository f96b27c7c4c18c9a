"""Claiming the most urgent orders that nobody has, and counting each one's work."""

from datetime import timedelta
from typing import Any

import pytest

from domain.permissions import Permission
from domain.queues import QUEUE_STATUSES, Queue
from domain.statuses import Status
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import OrderRef, Person, Shop, World
from tests.house.test_plans import Plans, watching

pytestmark = pytest.mark.anyio

READ = Permission.SERVICE_ORDER_READ
CLAIMED = "replayed serviceOrders { id assignee { id name } version }"
WORK = """{ workload { assignee { name } review receipt processing overdue unfinished } }"""


async def claim(client: Client, who: Person, queue: str = "REVIEW", count: int = 2) -> list[str]:
    payload = await client.as_(who.token).do(
        "claimServiceOrders", CLAIMED, queue=queue, count=count
    )
    assert payload["refusals"] == []
    assert {order["assignee"]["id"] for order in payload["serviceOrders"]} <= {who.global_id}
    return [order["id"] for order in payload["serviceOrders"]]


async def queue_of(given: World, clock: StoppedClock, shop: Shop, count: int) -> list[OrderRef]:
    """Orders that wait for review, the most urgent first."""
    orders = []
    for _ in range(count):
        orders.append(await given.order(shop))
        clock.pass_(timedelta(minutes=1))
    return orders


async def test_the_most_urgent_orders_that_nobody_has_are_claimed(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    first, second = await given.reviewer(shop, "小A"), await given.reviewer(shop, "小B")
    orders = [order.id for order in await queue_of(given, clock, shop, 5)]
    await given.order(await given.merchant("别家"))
    assert await claim(client, first) == orders[:2]
    assert await claim(client, second) == orders[2:4]
    assert await claim(client, first, count=50) == orders[4:]
    assert await claim(client, second) == []


async def test_a_claim_leaves_one_event_that_names_who_claimed(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order, person = await given.order(shop), await given.reviewer(shop)
    assert await claim(client, person) == [order.id]
    query = """query($id: ID!) { serviceOrder(id: $id) { version
      timeline { kind actor { name } fromStatus toStatus details } } }"""
    found = await client.as_(person.token).ask(query, id=order.id)
    assert found["version"] == 2
    assert found["timeline"][1:] == [
        {
            "kind": "CLAIMED",
            "actor": {"name": "小A"},
            "fromStatus": "PENDING_REVIEW",
            "toStatus": "PENDING_REVIEW",
            "details": {"assigneeId": str(person.id), "assignee": "小A"},
        }
    ]


@pytest.mark.asked_once
@pytest.mark.parametrize("queue", Queue)
async def test_a_queue_is_claimed_from_by_those_who_may_work_on_it(
    client: Client, given: World, queue: Queue
) -> None:
    shop = await given.merchant()
    orders = {status: await given.in_status(shop, status) for status in Status}
    expected = orders[QUEUE_STATUSES[queue]].id
    may = {
        Queue.REVIEW: {Permission.REVIEW},
        Queue.RECEIPT: {Permission.RECEIVE},
        Queue.PROCESSING: {Permission.PROCESS, Permission.REFUND},
    }[queue]
    for permission in (
        Permission.REVIEW,
        Permission.RECEIVE,
        Permission.PROCESS,
        Permission.REFUND,
        Permission.ASSIGN,
    ):
        person = await given.employee(shop, READ, permission, name=permission)
        asked: dict[str, Any] = {"queue": queue, "count": 50}
        if permission in may:
            assert await claim(client, person, **asked) == [expected]
            await client.as_(person.token).do(
                "assignServiceOrders", ids=[expected], assigneeId=None
            )
            async with given.parts.database.write() as connection:
                await connection.exec_driver_sql("UPDATE service_order SET version = 1")
                await connection.exec_driver_sql(
                    "DELETE FROM service_order_event WHERE sequence > 1"
                )
                await connection.exec_driver_sql("DELETE FROM event_outbox")
            continue
        codes = await client.as_(person.token).codes("claimServiceOrders", **asked)
        assert codes == (["FORBIDDEN"] if permission == "ASSIGN" else ["MISSING_PERMISSION"])


@pytest.mark.parametrize("count", [0, 51, -1])
async def test_no_more_than_fifty_orders_are_claimed_at_once(
    client: Client, given: World, count: int
) -> None:
    shop = await given.merchant()
    with pytest.raises(Failed) as failed:
        await client.as_(shop.owner.token).do("claimServiceOrders", queue="REVIEW", count=count)
    assert failed.value.code == "BAD_USER_INPUT"


async def test_a_claim_that_comes_again_under_its_key_answers_the_same_orders(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    orders = await queue_of(given, clock, shop, 3)
    reviewer = client.as_((await given.reviewer(shop)).token)
    asked = {"queue": "REVIEW", "count": 2, "idempotencyKey": "k"}
    first = await reviewer.do("claimServiceOrders", CLAIMED, **asked)
    again = await reviewer.do("claimServiceOrders", CLAIMED, **asked)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["serviceOrders"] == again["serviceOrders"]
    assert [order["id"] for order in first["serviceOrders"]] == [order.id for order in orders[:2]]


async def test_each_ones_work_is_counted_and_that_of_nobody(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    person = await given.reviewer(shop, "小B")
    for status in Status:
        await given.in_status(shop, status, assignee_id=person.id)
    for status in (Status.PENDING_REVIEW, Status.AWAITING_RECEIPT, Status.COMPLETED):
        await given.in_status(shop, status)
    await given.order(await given.merchant("别家"))
    clock.pass_(timedelta(hours=48))
    await given.order(shop, assignee_id=shop.owner.id)
    work = await client.as_(person.token).ask(WORK)
    counts = ("review", "receipt", "processing", "overdue", "unfinished")
    assert [(line["assignee"], *(line[name] for name in counts)) for line in work] == [
        ({"name": "小B"}, 1, 1, 1, 2, 6),
        (None, 1, 1, 0, 1, 2),
        ({"name": "店主"}, 1, 0, 0, 0, 1),
    ]


@pytest.mark.asked_once
async def test_claiming_and_counting_read_the_index_of_each_ones_work(
    client: Client, given: World
) -> None:
    database = given.parts.database
    shop = await given.merchant()
    await given.application(shop, 3)
    person, plans = await given.reviewer(shop), Plans(database)
    with watching(database.reading) as reads, watching(database.writing) as writes:
        await client.as_(person.token).ask(WORK)
        await claim(client, person)
        await client.as_(shop.owner.token).do("disableEmployee", "freed", id=person.global_id)
    for beginning, order_by in (
        ("SELECT service_order.assignee_id", "GROUP BY service_order.assignee_id"),
        ("SELECT service_order.merchant_id", "ORDER BY service_order.assignee_id"),
        ("SELECT service_order.id", ""),
    ):
        [sent] = (
            sent
            for sent in (*reads, *writes)
            if sent.text.startswith(beginning)
            and order_by in sent.text
            and "finished_at IS NULL" in sent.text
        )
        if order_by.startswith("ORDER"):
            assert await plans.steps(sent) == [], sent.text
        async with database.write() as connection:
            explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
            if not database.is_sqlite:
                for way in ("seqscan", "bitmapscan"):
                    await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
            plan = await connection.exec_driver_sql(f"{explain} {sent.text}", sent.values)
            assert "ix_service_order_work" in str([*map(tuple, plan)]), sent.text
