"""The queues: each filter by itself, filters together, and the counters."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.actions import Action
from domain.applications import Expectation
from domain.statuses import Status
from models.service_order import service_orders
from models.tables import add
from models.waybill import ServiceOrderWaybill
from schema import ids
from tests.client import Client, Failed
from tests.conftest import NOON, StoppedClock
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio

QUERY = """query($filter: ServiceOrderFilter) {
  serviceOrders(filter: $filter, orderBy: APPLIED_AT_ASC, first: 100) {
    totalCount nodes { id } } }"""
HOUR = timedelta(hours=1)


def at(time: timedelta) -> str:
    return (NOON + time).isoformat()


async def listed(client: Client, **given: Any) -> list[str]:
    found = await client.ask(QUERY, filter=given)
    assert found["totalCount"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


def id_of(*orders: OrderRef) -> list[str]:
    return [order.id for order in orders]


async def shop_with(client: Client, given: World) -> tuple[Shop, Client]:
    shop = await given.merchant()
    other = await given.merchant("另一家")
    for status in Status:
        await given.in_status(other, status)
    return shop, client.as_(shop.owner.token)


async def test_by_status(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    orders = {status: await given.in_status(shop, status) for status in Status}
    assert len(await listed(owner)) == len(Status)
    for status, order in orders.items():
        assert await listed(owner, status=[status]) == [order.id]
    two = [Status.REJECTED, Status.PENDING_REVIEW]
    assert set(await listed(owner, status=two)) == {orders[status].id for status in two}
    assert await listed(owner, status=[]) == []
    assert len(await listed(owner, status=None)) == len(Status)


async def test_by_expectation(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    orders = {one: await given.order(shop, expectation=one) for one in Expectation}
    for expectation, order in orders.items():
        assert await listed(owner, expectation=[expectation]) == [order.id]
    assert len(await listed(owner, expectation=["REPAIR", "RETURN"])) == 2


async def test_by_application_number_purchase_sku_and_customer(
    client: Client, given: World
) -> None:
    shop, owner = await shop_with(client, given)
    one = await given.application(shop, 2, customer_ref="c-1")
    two = await given.application(shop, 1, customer_ref="c-2")
    assert await listed(owner, applicationId=one[0].application_id) == id_of(*one)
    assert await listed(owner, number=str(one[1].key)) == id_of(one[1])
    assert await listed(owner, number=str(one[1].key + 1)) == []
    assert await listed(owner, orderNumber=f"P{two[0].application_key}") == id_of(*two)
    assert await listed(owner, orderNumber="P") == []
    assert await listed(owner, sku="SKU-0") == id_of(one[0], two[0])
    assert await listed(owner, sku=" SKU-1 ") == id_of(one[1])
    assert await listed(owner, sku="SKU-%") == []
    assert await listed(owner, customerRef="c-1") == id_of(*one)
    assert await listed(owner, customerRef="c-3") == []
    assert await listed(owner, merchantId=shop.global_id) == id_of(*one, *two)


async def test_by_assignee(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    person = await given.reviewer(shop)
    mine = await given.order(shop, assignee_id=person.id)
    await given.order(shop)
    assert await listed(owner, assigneeId=person.global_id) == [mine.id]
    assert await listed(owner, assigneeId=shop.owner.global_id) == []
    query = "query($id: ID!) { serviceOrder(id: $id) { assignee { id name } } }"
    found = await owner.ask(query, id=mine.id)
    assert found["assignee"] == {"id": person.global_id, "name": "小A"}


@pytest.mark.parametrize(
    ("name", "column"),
    [("applied", "applied_at"), ("updated", "updated_at"), ("due", "clock_due_at")],
)
async def test_by_a_window_that_has_its_start_and_not_its_end(
    client: Client, given: World, name: str, column: str
) -> None:
    shop, owner = await shop_with(client, given)
    one, two, three = [await given.order(shop, **{column: NOON + n * HOUR}) for n in (1, 2, 3)]
    if name == "due":
        await given.in_status(shop, Status.COMPLETED)
    windows: list[tuple[dict[str, Any], tuple[OrderRef, ...]]] = [
        ({"from": at(HOUR), "to": at(3 * HOUR)}, (one, two)),
        ({"from": at(HOUR + timedelta(microseconds=1)), "to": at(9 * HOUR)}, (two, three)),
        ({"from": at(2 * HOUR)}, (two, three)),
        ({"to": at(2 * HOUR)}, (one,)),
        ({"from": "2026-11-22T22:00:00+08:00", "to": "2026-11-22T23:00:00+08:00"}, (two,)),
        ({"from": at(3 * HOUR), "to": at(HOUR)}, ()),
        ({"from": at(2 * HOUR), "to": None}, (two, three)),
    ]
    for window, expected in windows:
        found = await listed(owner, **{name: window}, status=["PENDING_REVIEW"])
        assert set(found) == set(id_of(*expected)), window


async def test_by_being_overdue_and_by_being_due_soon(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop, owner = await shop_with(client, given)
    late, now, soon, later = [
        await given.order(shop, clock_due_at=NOON + timedelta(seconds=n)) for n in (-1, 0, 60, 61)
    ]
    done = await given.in_status(shop, Status.COMPLETED)
    assert await listed(owner, overdue=True) == id_of(late, now)
    assert await listed(owner, overdue=False) == id_of(soon, later, done)
    assert await listed(owner, dueWithin=60) == id_of(soon)
    assert await listed(owner, dueWithin=61) == id_of(soon, later)
    assert await listed(owner, dueWithin=0) == []
    clock.pass_(timedelta(seconds=60))
    assert await listed(owner, overdue=True) == id_of(late, now, soon)
    for seconds in (-1, 31 * 86_400 + 1):
        with pytest.raises(Failed) as failure:
            await listed(owner, dueWithin=seconds)
        assert failure.value.extensions == {
            "code": "BAD_USER_INPUT",
            "argument": ["filter", "dueWithin"],
        }


async def test_filters_together_must_all_hold(client: Client, given: World, schema) -> None:
    shop, owner = await shop_with(client, given)
    person = await given.reviewer(shop)
    matching = {
        "customer_ref": "c-1",
        "expectation": Expectation.REPAIR,
        "sku": "SKU-9",
        "assignee_id": person.id,
        "applied_at": NOON - HOUR,
        "updated_at": NOON - HOUR,
        "clock_due_at": NOON + HOUR,
        "decision": Action.REQUEST_FEEDBACK,
        "decided_by_id": person.id,
        "decided_at": NOON,
        "received_at": NOON,
        "finished_at": NOON,
        "target_at": NOON,
        "escalated_at": NOON,
        "reason_code": "QUALITY.BROKEN",
        "auto_approval_blocked": True,
    }
    [order] = [await given.order(shop, **matching)]
    async with given.parts.database.write() as connection:
        await add(
            connection,
            ServiceOrderWaybill(merchant_id=shop.id, waybill="W-1", service_order_id=order.key),
        )
    said: dict[str, Any] = {
        "status": ["PENDING_REVIEW"],
        "expectation": ["REPAIR"],
        "applicationId": order.application_id,
        "merchantId": shop.global_id,
        "assigneeId": person.global_id,
        "unassigned": False,
        "number": str(order.key),
        "orderNumber": f"P{order.application_key}",
        "numberPrefix": f"P{order.application_key}"[:-1],
        "waybill": "W-1",
        "phone": "5678",
        "customerName": "李小",
        "reviewerId": person.global_id,
        "decision": ["REQUEST_FEEDBACK"],
        "decided": {"from": at(-HOUR), "to": at(HOUR)},
        "received": {"from": at(-HOUR), "to": at(HOUR)},
        "finished": {"from": at(-HOUR), "to": at(HOUR)},
        "sku": "SKU-9",
        "customerRef": "c-1",
        "applied": {"from": at(-HOUR), "to": at(HOUR)},
        "updated": {"from": at(-HOUR), "to": at(HOUR)},
        "due": {"from": at(HOUR), "to": at(2 * HOUR)},
        "overdue": False,
        "dueWithin": 3600,
        "pastTarget": True,
        "escalated": True,
        "reason": ["QUALITY.BROKEN"],
        "autoApprovalBlocked": True,
    }
    assert await listed(owner, **said) == [order.id]
    misses: dict[str, Any] = {
        "autoApprovalBlocked": False,
        "status": ["REJECTED"],
        "expectation": ["RETURN"],
        "applicationId": ids.encode("Application", shop.id, 1),
        "merchantId": ids.encode("Merchant", 1),
        "assigneeId": shop.owner.global_id,
        "unassigned": True,
        "number": "1",
        "orderNumber": "P",
        "numberPrefix": "Q123",
        "waybill": "W-2",
        "phone": "5679",
        "customerName": "李大",
        "reviewerId": shop.owner.global_id,
        "decision": ["APPROVE", "REJECT"],
        "decided": {"from": at(HOUR)},
        "received": {"to": at(-HOUR)},
        "finished": {"from": at(2 * HOUR)},
        "sku": "SKU-0",
        "customerRef": "c-2",
        "applied": {"from": at(HOUR)},
        "updated": {"to": at(-HOUR)},
        "due": {"from": at(2 * HOUR)},
        "overdue": True,
        "dueWithin": 3599,
        "pastTarget": False,
        "escalated": False,
        "reason": ["QUALITY.FLAW"],
    }
    assert set(misses) == set(said)
    missing = set(schema._schema.type_map["ServiceOrderFilter"].fields) - set(said)
    assert not missing, f"add {missing} to the values above, in tests/desk/test_filters.py"
    for name, miss in misses.items():
        assert await listed(owner, **said | {name: miss}) == [], name


WRONG: list[dict[str, Any]] = [
    {"number": ""},
    {"number": " \n, "},
    {"number": "9" * 5000},
    {"number": ",".join(map(str, range(51)))},
    {"orderNumber": ""},
    {"orderNumber": "\n".join(map(str, range(51)))},
    {"numberPrefix": "123"},
    {"numberPrefix": " # 1 2 3 "},
    {"numberPrefix": "1" * 65},
    {"waybill": ""},
    {"waybill": ";".join(map(str, range(51)))},
    {"phone": ""},
    {"phone": "678"},
    {"phone": "6-7 8"},
    {"phone": "1" * 65},
    {"customerName": ""},
    {"customerName": "李"},
    {"customerName": "李\u200b\u3000"},
    {"customerName": "李" * 65},
    {"reviewerId": "x"},
    {"decision": ["LOSE"]},
    {"decided": {"from": 0}},
    {"received": {"from": "yesterday"}},
    {"finished": {"since": "2026-11-22T12:00:00Z"}},
    {"sku": "\0"},
    {"customerRef": " "},
    {"applicationId": "x"},
    {"merchantId": ""},
    {"assigneeId": ids.encode("Employee", 1, "x")},
    {"status": ["LOST"]},
    {"status": ["REJECTED"] * 10},
    {"expectation": ["RETURN"] * 4},
    {"applied": {"from": "2026-11-22T12:00:00"}},
    {"applied": {"from": "2026-11-22"}},
    {"applied": {"from": 0}},
    {"applied": {"from": "2026-13-01T00:00:00Z"}},
    {"applied": {"from": "0000-01-01T00:00:00Z"}},
    {"applied": {"from": "0001-01-01T00:00:00+14:00"}},
    {"applied": {"from": "9999-12-31T23:59:59-14:00"}},
    {"applied": {"since": "2026-11-22T12:00:00Z"}},
    {"overdue": "yes"},
    {"dueWithin": 1.5},
    {"dueWithin": 2**31},
]


async def test_a_filter_that_makes_no_sense_is_bad_input(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    for wrong in WRONG:
        with pytest.raises(Failed) as failure:
            await listed(owner, **wrong)
        assert failure.value.codes == ["BAD_USER_INPUT"], wrong


async def test_the_id_of_something_else_is_not_found(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    await given.order(shop)
    [theirs] = await given.application(other, 1)
    stranger = await given.reviewer(other)
    owner = client.as_(shop.owner.token)
    for name in ("applicationId", "merchantId", "assigneeId"):
        with pytest.raises(Failed) as failure:
            await listed(owner, **{name: theirs.id})
        assert failure.value.code == "NOT_FOUND"
    # Another merchant's own is of the right type, and nothing of it is seen.
    for name, id_ in (
        ("applicationId", theirs.application_id),
        ("merchantId", other.global_id),
        ("assigneeId", stranger.global_id),
    ):
        assert await listed(owner, **{name: id_}) == []


async def test_the_counters_say_what_waits_is_overdue_and_is_due_soon(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop, owner = await shop_with(client, given)
    query = """{ queueSummary { autoApprovalBlocked
      review { waiting overdue dueSoon }
      receipt { waiting overdue dueSoon }
      processing { waiting overdue dueSoon } } }"""
    zero = {"waiting": 0, "overdue": 0, "dueSoon": 0}
    assert await owner.ask(query) == {
        "autoApprovalBlocked": 0,
        "review": zero,
        "receipt": zero,
        "processing": zero,
    }
    soon = timedelta(hours=4)
    dues = (-HOUR, timedelta(), timedelta(microseconds=1), soon, soon + timedelta(microseconds=1))
    queues = {
        Status.PENDING_REVIEW: dues,
        Status.AWAITING_RECEIPT: dues[2:],
        Status.AWAITING_PROCESSING: dues[:1],
    }
    for status, times in queues.items():
        for time in times:
            await given.in_status(shop, status, clock_due_at=NOON + time)
    for status in set(Status) - set(queues):
        await given.in_status(shop, status, clock_due_at=NOON)
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.update(service_orders)
            .where(
                service_orders.c.merchant_id == shop.id,
                service_orders.c.status == Status.PENDING_REVIEW,
                service_orders.c.clock_due_at < NOON,
            )
            .values(auto_approval_blocked=True)
        )
    assert await owner.ask(query) == {
        "autoApprovalBlocked": 1,
        "review": {"waiting": 5, "overdue": 2, "dueSoon": 2},
        "receipt": {"waiting": 3, "overdue": 0, "dueSoon": 2},
        "processing": {"waiting": 1, "overdue": 1, "dueSoon": 0},
    }
    clock.pass_(timedelta(hours=5))
    found = await owner.ask(query)
    assert found["review"] == {"waiting": 5, "overdue": 5, "dueSoon": 0}
    # The counters and the queue say the same.
    assert len(await listed(owner, status=["PENDING_REVIEW"], overdue=True)) == 5


async def test_by_reason_for_applying_or_of_the_decision(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    copy = {"zh": "缺货", "en": "Out of stock", "parent": "NOT_ELIGIBLE", "decisions": ["REJECT"]}
    applied = await given.order(shop, reason_code="QUALITY.FLAW")
    own = await given.order(shop, reason_code="XA.COLOUR", own_reason=copy)
    rejected = await given.in_status(shop, Status.REJECTED, review_reason="NOT_ELIGIBLE.USED")
    own_rejected = await given.in_status(
        shop, Status.REJECTED, review_reason="XR.STOCK", own_review_reason=copy
    )
    for codes, expected in (
        (["QUALITY.FLAW"], [applied]),
        (["XA.COLOUR"], [own]),
        (["QUALITY.FLAW", "XA.COLOUR"], [applied, own]),
        (["NOT_ELIGIBLE.USED"], [rejected]),
        ([" XR.STOCK "], [own_rejected]),
        (["XR.STOCK", "NOT_ELIGIBLE.USED"], [rejected, own_rejected]),
        (["XR.STOCK", "XA.COLOUR"], [own, own_rejected]),
        (["XR.STOCK", "QUALITY.FLAW", "NONE"], [applied, own_rejected]),
        (["XR.NONE"], []),
        (["XA.STOCK"], []),
        (["NONE"], []),
        (["QUALITY"], []),
        ([], []),
    ):
        assert set(await listed(owner, reason=codes)) == set(id_of(*expected)), codes
    customer = client.as_((await given.customer(shop)).token)
    assert await listed(customer, reason=["XA.COLOUR"]) == [own.id]
    for wrong in (["A"] * 21, [""], ["x" * 65]):
        with pytest.raises(Failed) as failure:
            await listed(owner, reason=wrong)
        assert failure.value.code == "BAD_USER_INPUT"
