"""Escalated orders in a queue, the platform's rulings, and what follows from them."""

from datetime import timedelta
from typing import Any

import pytest

from doctor import orders
from domain.permissions import Permission
from domain.statuses import Status
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ADDRESS, RECEIPT, OrderRef, Shop, World
from tests.house.test_plans import Plans, watching
from tests.steps import PARCEL

pytestmark = pytest.mark.anyio

QUEUE = """query($filter: ServiceOrderFilter, $orderBy: ServiceOrderOrdering! = ESCALATED_AT_ASC,
  $last: Int) { serviceOrders(filter: $filter, orderBy: $orderBy, last: $last) {
  nodes { id escalatedAt } } }"""
RULING = "ruling { action forCustomer by { name } at text remedy amount }"
ORDER = f"serviceOrder {{ status {RULING} }}"


async def escalated(given: World, shop: Shop, status: Status, **columns: Any) -> OrderRef:
    return await given.in_status(
        shop, status, customer_ref="c-1", escalated_at=given.now, **columns
    )


async def queue(client: Client, **arguments: Any) -> list[str]:
    page = await client.ask(QUEUE, **arguments)
    return [node["id"] for node in page["nodes"]]


async def test_escalated_orders_wait_in_a_queue_of_the_platform_and_of_the_merchant(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop, other = await given.merchant(), await given.merchant("别家")
    first = await escalated(given, shop, Status.REJECTED)
    clock.pass_(timedelta(hours=1))
    second = await escalated(given, other, Status.COMPLETED)
    await given.in_status(shop, Status.REJECTED)
    ruled = await escalated(given, shop, Status.REJECTED, ruled_at=given.now)
    platform = client.as_((await given.platform(Permission.INTERVENE)).token)
    assert await queue(platform) == [first.id, second.id]
    assert await queue(platform, orderBy="ESCALATED_AT_DESC") == [second.id, first.id]
    assert await queue(platform, filter={"escalated": True, "merchantId": other.global_id}) == [
        second.id
    ]
    owner = client.as_(shop.owner.token)
    assert await queue(owner) == [first.id]
    assert await queue(owner, filter={"escalated": True}, orderBy="APPLIED_AT_ASC") == [first.id]
    others = await queue(owner, filter={"escalated": False}, orderBy="APPLIED_AT_ASC")
    assert ruled.id in others
    assert first.id not in others


async def test_the_queue_of_all_merchants_comes_from_an_index(client: Client, given: World) -> None:
    await escalated(given, await given.merchant(), Status.REJECTED)
    platform = client.as_((await given.platform(Permission.INTERVENE)).token)
    plans = Plans(given.parts.database)
    for window in ({}, {"orderBy": "ESCALATED_AT_DESC"}, {"last": 5}):
        with watching(plans.database.reading) as statements:
            await queue(platform, filter={"escalated": True}, **window)
        pages = [sent for sent in statements if "service_order" in sent.text]
        assert pages
        for page in pages:
            assert await plans.steps(page) == [], page.text


async def test_both_sides_see_the_ruling_and_its_text_and_the_customer_not_who_ruled(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await escalated(given, shop, Status.AWAITING_PROCESSING)
    platform = client.as_((await given.platform(Permission.INTERVENE)).token)
    ruling = {"process": {"remedy": "REFUND", "amount": "100.00", "text": "商家全额退款"}}
    payload = await platform.do("ruleOnServiceOrder", ORDER, id=order.id, ruling=ruling)
    expected = {
        "action": "RULE_PROCESS",
        "forCustomer": True,
        "by": {"name": "平台小王"},
        "at": given.now.isoformat(),
        "text": "商家全额退款",
        "remedy": "REFUND",
        "amount": "100.00",
    }
    assert payload["serviceOrder"] == {"status": "AWAITING_PROCESSING", "ruling": expected}
    query = f"""query($id: ID!) {{ serviceOrder(id: $id) {{ {RULING}
      timeline(last: 1) {{ kind actor {{ name }} customerNote details }} }} }}"""
    seen = await client.as_(shop.owner.token).ask(query, id=order.id)
    assert seen["ruling"] == expected
    customer = client.as_((await given.customer(shop, "c-1")).token)
    customer.language = "zh-CN"
    seen = await customer.ask(query, id=order.id)
    assert seen["ruling"] == expected | {"by": {"name": "平台"}}
    assert seen["timeline"] == [
        {
            "kind": "RULED_PROCESS",
            "actor": {"name": "平台"},
            "customerNote": "商家全额退款",
            "details": {"remedy": "REFUND", "amount": "100.00"},
        }
    ]


async def test_an_amount_is_at_most_what_can_be_refunded_and_belongs_to_a_refund(
    client: Client, given: World
) -> None:
    order = await escalated(given, await given.merchant(), Status.AWAITING_PROCESSING)
    platform = client.as_((await given.platform(Permission.INTERVENE)).token)
    process = {"remedy": "REFUND", "amount": "189.01", "text": "退款"}
    refusal = await platform.refused("ruleOnServiceOrder", id=order.id, ruling={"process": process})
    assert refusal["code"] == "REFUND_TOO_LARGE"
    assert refusal["refundable"] == "189.00"
    assert refusal["path"] == ["ruling", "process", "amount"]
    for wrong in ({"amount": "0.00"}, {"remedy": "REPAIR", "amount": "1.00"}):
        codes = await platform.codes(
            "ruleOnServiceOrder", id=order.id, ruling={"process": process | wrong}
        )
        assert codes == ["BAD_USER_INPUT"]
    assert (await given.row(order)).ruled_at is None


async def test_the_goods_go_back_a_second_time_and_both_freights_can_be_refunded(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_SHIPMENT, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    platform = client.as_((await given.platform(Permission.INTERVENE)).token)

    async def refund(freight: str) -> list[str]:
        return await owner.codes(
            "refundServiceOrder", id=order.id, amount="0.00", freight=freight, method="BALANCE"
        )

    ship = {"id": order.id, **PARCEL, "freight": "12.00"}
    for done in (
        await customer.codes("shipServiceOrder", **ship),
        await owner.codes("receiveServiceOrder", id=order.id, **RECEIPT),
        await owner.codes("sendBackServiceOrder", id=order.id, **PARCEL),
        await customer.codes("reportUnsolved", id=order.id, message="还是坏的"),
        await customer.codes("escalateServiceOrder", id=order.id, reason="商家不修"),
    ):
        assert done == []
    shape = f"""serviceOrder {{ status inbound {{ waybill }} receipt {{ receivedQuantity }}
      clock {{ kind }} review {{ returnAddress {{ detail }} }} {RULING} }}"""
    payload = await platform.do(
        "ruleOnServiceOrder", shape, id=order.id, ruling={"returnGoods": {"text": "退货退款"}}
    )
    ruled = payload["serviceOrder"]
    assert ruled["status"] == "AWAITING_SHIPMENT"
    assert ruled["clock"] == {"kind": "SHIPMENT"}
    assert ruled["inbound"] is None
    assert ruled["receipt"] is None
    assert ruled["review"]["returnAddress"]["detail"] == ADDRESS["detail"]
    give_up = {"recordGiveUp": {"customerNote": "不退了"}}
    assert await owner.codes("reviewServiceOrder", id=order.id, decision=give_up) == [
        "ALREADY_RULED"
    ]
    assert await customer.codes("shipServiceOrder", **ship) == []
    assert await owner.codes("receiveServiceOrder", id=order.id, **RECEIPT) == []
    assert await refund("24.01") == ["FREIGHT_TOO_LARGE"]
    assert await refund("24.00") == []
    async with given.parts.database.read() as connection:
        examined = orders.examine(connection, shop.id, [], given.now)
        details = [finding.detail async for finding in examined if finding.order_id == order.key]
    assert not [detail for detail in details if "row" in detail.lower()], details


async def test_a_parcel_on_its_way_goes_back_after_a_ruling_for_the_merchant(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await escalated(given, shop, Status.AWAITING_RECEIPT, shipped_at=given.now)
    platform = client.as_((await given.platform(Permission.INTERVENE)).token)
    owner = client.as_(shop.owner.token)
    ruling = {"cancel": {"text": "超过退货期"}}
    payload = await platform.do("ruleOnServiceOrder", ORDER, id=order.id, ruling=ruling)
    assert payload["serviceOrder"]["status"] == "CANCELLED"
    assert payload["serviceOrder"]["ruling"]["forCustomer"] is False
    assert await owner.codes("receiveCancelled", id=order.id) == []
    assert await owner.codes("returnCancelled", id=order.id, **PARCEL) == []


async def test_a_merchant_cannot_close_what_the_platform_ruled_that_it_makes_good(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await escalated(given, shop, Status.REJECTED)
    platform = client.as_((await given.platform(Permission.INTERVENE)).token)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    ruling = {"process": {"remedy": "EXCHANGE", "text": "换新"}}
    assert await platform.codes("ruleOnServiceOrder", id=order.id, ruling=ruling) == []
    for name, said in (
        ("closeServiceOrder", {"reason": "不处理"}),
        ("sendBackServiceOrder", PARCEL),
        ("escalateServiceOrder", {"reason": "再问"}),
    ):
        assert await owner.codes(name, id=order.id, **said) == ["ALREADY_RULED"], name
    assert await platform.codes("ruleOnServiceOrder", id=order.id, ruling=ruling) == [
        "NOT_ESCALATED"
    ]
    assert await owner.codes("exchangeServiceOrder", id=order.id, newOrderNumber="P-9") == []
    assert await customer.codes("reportUnsolved", id=order.id, message="新的也坏") == []
    assert await customer.codes("escalateServiceOrder", id=order.id, reason="又坏") == []
    assert await queue(platform) == [order.id]
    closing = {"close": {"text": "换新已送达"}}
    assert await platform.codes("ruleOnServiceOrder", id=order.id, ruling=closing) == []
    assert await customer.codes("reportUnsolved", id=order.id, message="不服") == ["ALREADY_RULED"]


async def test_an_account_without_intervene_reads_nothing_of_the_orders(
    client: Client, given: World
) -> None:
    order = await escalated(given, await given.merchant(), Status.REJECTED)
    query = "query($id: ID!) { serviceOrder(id: $id) { status } }"
    able = client.as_((await given.platform(Permission.INTERVENE)).token)
    assert await able.ask(query, id=order.id) == {"status": "REJECTED"}
    unable = client.as_((await given.platform(Permission.CALENDAR_MANAGE)).token)
    assert await unable.codes("ruleOnServiceOrder", id=order.id, ruling={}) != []
