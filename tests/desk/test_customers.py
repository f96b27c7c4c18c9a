"""Customers: their own orders, without what is internal, and withdrawing in time."""

from datetime import timedelta
from typing import Any

import pytest

from domain.statuses import BEFORE_RECEIPT, Status
from jobs.timers import fire_timers
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

BY_ID = "query($id: ID!) { serviceOrder(id: $id) { id status } }"
TIMELINE = """query($id: ID!) { serviceOrder(id: $id) { version
  timeline { sequence kind internalNote customerNote actor { name } } } }"""


def id_of(orders: list[OrderRef]) -> set[str]:
    return {order.id for order in orders}


async def test_a_customer_sees_their_own_orders_with_that_merchant_alone(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    mine = await given.application(shop, 2, customer_ref="c-1")
    theirs = await given.application(shop, 1, customer_ref="c-2")
    elsewhere = await given.application(other, 1, customer_ref="c-1")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    query = "query($filter: ServiceOrderFilter) { serviceOrders(filter: $filter) { nodes { id } } }"
    found = await customer.ask(query, filter=None)
    assert {node["id"] for node in found["nodes"]} == id_of(mine)
    filters: list[dict[str, Any]] = [
        {"customerRef": "c-2"},
        {"merchantId": other.global_id},
        {"applicationId": theirs[0].application_id},
        {"number": str(theirs[0].key)},
    ]
    for one in filters:
        assert (await customer.ask(query, filter=one))["nodes"] == []
    for order in (*theirs, *elsewhere):
        assert await customer.ask(BY_ID, id=order.id) is None
        for id_ in (order.id, order.application_id):
            assert await customer.ask("query($id: ID!) { node(id: $id) { id } }", id=id_) is None
    for order in mine:
        assert (await customer.ask(BY_ID, id=order.id))["id"] == order.id
    node = "query($id: ID!) { node(id: $id) { id ... on Application { serviceOrders { id } } } }"
    found = await customer.ask(node, id=mine[0].application_id)
    assert {one["id"] for one in found["serviceOrders"]} == id_of(mine)


async def test_what_the_staff_notes_and_looks_at_is_not_on_the_customer_s_timeline(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    await owner.do("addNote", id=order.id, text="此客户难缠")
    await owner.do("revealCustomerContact", id=order.id)
    await owner.do("reviewServiceOrder", id=order.id, decision={"approve": {"customerNote": "好"}})
    await owner.do("addNote", id=order.id, text="再记一笔")
    seen = await owner.ask(TIMELINE, id=order.id)
    assert [one["kind"] for one in seen["timeline"]] == [
        "SUBMITTED",
        "NOTED",
        "CONTACT_REVEALED",
        "APPROVED",
        "NOTED",
    ]
    assert seen["timeline"][1]["internalNote"] == "此客户难缠"
    shown = await customer.ask(TIMELINE, id=order.id)
    assert [one["kind"] for one in shown["timeline"]] == ["SUBMITTED", "APPROVED"]
    assert [one["internalNote"] for one in shown["timeline"]] == [None, None]
    response = await customer.post({"query": TIMELINE, "variables": {"id": order.id}})
    assert "难缠" not in response.text
    assert "记一笔" not in response.text


@pytest.mark.parametrize("status", Status)
async def test_a_customer_withdraws_before_the_goods_have_come(
    client: Client, given: World, status: Status
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, status, customer_ref="c-1")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    shape = """serviceOrder { status finishedAt clock { kind } reviewClock { kind }
      timeline(last: 1) { kind customerNote actor { kind name } } }"""
    payload = await customer.do("cancelServiceOrder", shape, id=order.id, reason="不想退了")
    if status in BEFORE_RECEIPT:
        assert payload["refusals"] == []
        assert payload["serviceOrder"] == {
            "status": "CANCELLED",
            "finishedAt": given.now.isoformat(),
            "clock": None,
            "reviewClock": None,
            "timeline": [
                {
                    "kind": "CANCELLED",
                    "customerNote": "不想退了",
                    "actor": {"kind": "CUSTOMER", "name": "c-1"},
                }
            ],
        }
    else:
        [refusal] = payload["refusals"]
        assert (refusal["code"], refusal["status"]) == ("WRONG_STATUS", status)
        assert set(refusal["allowedFrom"]) == BEFORE_RECEIPT
        assert payload["serviceOrder"]["status"] == status
        assert (await given.row(order)).version == 1


async def test_a_withdrawn_order_is_not_approved_by_the_clock(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    assert await customer.codes("cancelServiceOrder", id=order.id) == []
    clock.pass_(timedelta(days=3))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0


async def test_somebody_else_s_order_cannot_be_withdrawn_nor_shipped_and_is_not_told_of(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_SHIPMENT, customer_ref="c-1")
    neighbour = client.as_((await given.customer(shop, "c-2")).token)
    for name, said in (
        ("cancelServiceOrder", {}),
        ("shipServiceOrder", {"carrier": "SF", "waybill": "1"}),
        ("respondToFeedback", {"text": "好"}),
    ):
        refusal = await neighbour.refused(name, id=order.id, **said)
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "ServiceOrder")
    assert (await given.row(order)).version == 1


async def test_a_customer_ships_with_carrier_waybill_and_freight(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customer = client.as_((await given.customer(shop, "c-1")).token)
    shape = "serviceOrder { status clock { kind } timeline(last: 1) { kind details } }"
    for freight, details in ((None, {}), ("12.5", {"freight": "12.50"})):
        order = await given.in_status(shop, Status.AWAITING_SHIPMENT, customer_ref="c-1")
        payload = await customer.do(
            "shipServiceOrder", shape, id=order.id, carrier="SF", waybill="SF1", freight=freight
        )
        assert payload["serviceOrder"] == {
            "status": "AWAITING_RECEIPT",
            "clock": {"kind": "RECEIPT"},
            "timeline": [
                {"kind": "SHIPPED", "details": {"carrier": "SF", "waybill": "SF1", **details}}
            ],
        }


async def test_the_desk_s_own_queries_and_steps_are_not_for_customers(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    for query in ("{ queueSummary { autoApprovalBlocked } }", "{ employees { totalCount } }"):
        with pytest.raises(Failed) as failure:
            await customer.ask(query)
        assert failure.value.code == "FORBIDDEN"
    said = {"id": order.id, "decision": {"approve": {}}}
    assert await customer.codes("reviewServiceOrder", **said) == ["FORBIDDEN"]
    assert await customer.codes("addNote", id=order.id, text="好") == ["FORBIDDEN"]
    assert await customer.codes("revealCustomerContact", id=order.id) == ["FORBIDDEN"]
