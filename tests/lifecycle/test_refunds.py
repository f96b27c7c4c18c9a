"""Refunds: what can be refunded, by whom, and what the outcome of the payment does."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.desk.refunds import MAX_REFUNDS
from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from domain.statuses import Status
from jobs.timers import fire_timers
from models.refund import refunds
from schema import ids
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio

READ = Permission.SERVICE_ORDER_READ
REFUND = """refund { id number amount freight method status submittedBy { kind name } submittedAt
  reportedAt paymentRef failure } serviceOrder { id status version refundable }"""
REFUNDS = """query($id: ID!) { serviceOrder(id: $id) { status refundable
  refunds { id amount freight method status submittedBy { name } paymentRef failure } } }"""
STAFF = """query($id: ID!) { serviceOrder(id: $id) { timeline(last: 9) {
  kind customerNote details } } }"""


async def received(given: World, shop: Shop, **columns: Any) -> OrderRef:
    return await given.in_status(shop, Status.AWAITING_PROCESSING, **columns)


async def refund(client: Client, order: OrderRef, amount: str, **given: Any) -> Any:
    method = {"method": "ORIGINAL_PAYMENT"}
    return await client.do(
        "refundServiceOrder", REFUND, id=order.id, amount=amount, **method | given
    )


async def refunded(client: Client, order: OrderRef, amount: str, **given: Any) -> str:
    payload = await refund(client, order, amount, **given)
    assert payload["refusals"] == []
    return str(payload["refund"]["id"])


async def report(client: Client, refund_id: str, outcome: str, **given: Any) -> Any:
    return await client.do("reportRefund", REFUND, id=refund_id, outcome=outcome, **given)


def codes(payload: Any) -> list[str]:
    return [refusal["code"] for refusal in payload["refusals"]]


async def test_a_refund_waits_for_its_outcome_and_then_the_customer_confirms(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    connector = client.as_((await given.connector(shop, [READ, Permission.REFUND_REPORT])).token)
    payload = await refund(owner, order, "189.00", customerNote="已退款")
    assert payload["refusals"] == []
    assert payload["serviceOrder"] == {
        "id": order.id,
        "status": "AWAITING_CONFIRMATION",
        "version": 2,
        "refundable": "0.00",
    }
    submitted = payload["refund"]
    assert submitted == submitted | {
        "amount": "189.00",
        "freight": "0.00",
        "method": "ORIGINAL_PAYMENT",
        "status": "SUBMITTED",
        "submittedBy": {"kind": "EMPLOYEE", "name": "店主"},
        "reportedAt": None,
        "paymentRef": None,
    }
    assert (await given.row(order)).pending_refunds == 1
    clock.pass_(timedelta(days=8))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    payload = await report(connector, submitted["id"], "SUCCEEDED", paymentRef="PAY-1")
    assert payload["refusals"] == []
    assert payload["refund"]["status"] == "SUCCEEDED"
    assert payload["refund"]["paymentRef"] == "PAY-1"
    assert payload["serviceOrder"]["status"] == "AWAITING_CONFIRMATION"
    row = await given.row(order)
    assert (row.pending_refunds, row.processing["action"]) == (0, "REFUND")
    assert (await fire_timers(given.parts.database, clock.now())).total == 1
    assert (await given.row(order)).status is Status.COMPLETED


async def test_a_failed_refund_can_be_refunded_anew(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    first = await refunded(owner, order, "189.00")
    payload = await report(owner, first, "FAILED", reason="账户已注销")
    assert (payload["refund"]["status"], payload["refund"]["failure"]) == ("FAILED", "账户已注销")
    assert payload["serviceOrder"] == {
        "id": order.id,
        "status": "AWAITING_PROCESSING",
        "version": 3,
        "refundable": "189.00",
    }
    await refunded(owner, order, "189.00", method="OFFLINE")
    assert await given.kinds(order) == ["SUBMITTED", "REFUNDED", "REFUND_FAILED", "REFUNDED"]
    [*_, failed, again] = (await owner.ask(STAFF, id=order.id))["timeline"]
    assert "reason" not in failed["details"]
    assert (again["details"]["amount"], again["details"]["method"]) == ("189.00", "OFFLINE")


async def test_partial_refunds_never_exceed_what_was_paid(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    await refunded(owner, order, "100.00")
    await refunded(owner, order, "88.99")
    payload = await refund(owner, order, "0.02")
    [refusal] = payload["refusals"]
    assert (refusal["code"], refusal["path"]) == ("REFUND_TOO_LARGE", ["amount"])
    assert refusal["message"] == "At most 0.01 yuan can be refunded."
    assert (payload["refund"], payload["serviceOrder"]["id"]) == (None, order.id)
    await refunded(owner, order, "0.01")
    assert (await given.row(order)).pending_refunds == 3


async def test_the_orders_of_one_purchase_line_share_what_was_paid(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    line = {"order_number": "P-1", "sku": "SKU-7"}
    one = await received(given, shop, paid_amount=10_000, **line)
    two = await received(given, shop, paid_amount=8_000, **line)
    others = [
        await received(given, shop, order_number="P-1", sku="SKU-8"),
        await received(given, shop, order_number="P-2", sku="SKU-7"),
        await received(given, await given.merchant("京南"), **line),
    ]
    owner = client.as_(shop.owner.token)
    await refunded(owner, one, "60.00")
    payload = await refund(owner, two, "40.01")
    assert codes(payload) == ["REFUND_TOO_LARGE"]
    for order in (one, two):
        assert (await owner.ask(REFUNDS, id=order.id))["refundable"] == "40.00"
    for order in others[:2]:
        assert (await owner.ask(REFUNDS, id=order.id))["refundable"] == "189.00"
    await refunded(owner, two, "40.00")


async def test_freight_is_refunded_up_to_what_the_customer_paid(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    inbound = {"carrier": "SF", "waybill": "1", "freight": 1_200}
    order = await received(given, shop, inbound=inbound)
    without = await received(given, shop)
    owner = client.as_(shop.owner.token)
    await refunded(owner, order, "0.00", freight="5.00")
    payload = await refund(owner, order, "189.00", freight="7.01")
    [refusal] = payload["refusals"]
    assert (refusal["code"], refusal["path"]) == ("FREIGHT_TOO_LARGE", ["freight"])
    await refunded(owner, order, "189.00", freight="7.00")
    assert codes(await refund(owner, without, "1.00", freight="0.01")) == ["FREIGHT_TOO_LARGE"]


async def test_nothing_cannot_be_refunded(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    for amounts in ({"amount": "0"}, {"amount": "0.00", "freight": "0"}):
        with pytest.raises(Failed) as failed:
            await owner.do("refundServiceOrder", id=order.id, method="BALANCE", **amounts)
        assert failed.value.code == "BAD_USER_INPUT"


async def test_an_order_has_so_many_refunds_and_no_more(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    for _ in range(MAX_REFUNDS):
        await refunded(owner, order, "0.01")
    assert codes(await refund(owner, order, "0.01")) == ["TOO_MANY_REFUNDS"]


@pytest.mark.parametrize(
    "status",
    [
        status
        for status in Status
        if status not in {Status.AWAITING_PROCESSING, Status.AWAITING_CONFIRMATION}
    ],
)
async def test_nothing_is_refunded_before_receipt_or_after_the_end(
    client: Client, given: World, status: Status
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, status)
    payload = await refund(client.as_(shop.owner.token), order, "1.00")
    assert codes(payload) == ["WRONG_STATUS"]


async def test_who_may_not_refund_is_refused(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("京南")
    order = await received(given, shop)
    said = {"id": order.id, "amount": "1.00", "method": "BALANCE"}
    processor = await given.employee(shop, roles=["处理组"])
    customer = await given.customer(shop)
    connector = await given.connector(shop, [READ, Permission.REFUND_REPORT])
    for token in (processor.token, customer.token, connector.token):
        assert await client.as_(token).codes("refundServiceOrder", **said) == ["FORBIDDEN"]
    stranger = client.as_(other.owner.token)
    assert await stranger.codes("refundServiceOrder", **said) == ["NOT_FOUND"]
    owner = client.as_(shop.owner.token)
    assert await owner.codes("refundServiceOrder", **said, expectedVersion=9) == ["STALE_VERSION"]
    refund_id = await refunded(owner, order, "1.00")
    assert codes(await report(stranger, refund_id, "SUCCEEDED")) == ["NOT_FOUND"]
    for token in (processor.token, customer.token):
        with pytest.raises(Failed) as failed:
            await report(client.as_(token), refund_id, "SUCCEEDED")
        assert failed.value.code == "FORBIDDEN"
    unknown = ids.encode("Refund", shop.id, 1)
    assert codes(await report(owner, unknown, "SUCCEEDED")) == ["NOT_FOUND"]
    connected = await given.connector(other)
    payload = await report(client.as_(connected.token), refund_id, "SUCCEEDED")
    assert codes(payload) == ["NOT_FOUND"]
    assert (await given.row(order)).pending_refunds == 1


async def test_the_same_outcome_may_come_again_and_no_other(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    refund_id = await refunded(owner, order, "10.00")
    first = await report(owner, refund_id, "SUCCEEDED", paymentRef="PAY-1")
    assert await report(owner, refund_id, "SUCCEEDED", paymentRef="PAY-2") == first
    payload = await report(owner, refund_id, "FAILED")
    assert codes(payload) == ["REFUND_ALREADY_REPORTED"]
    assert await given.kinds(order) == ["SUBMITTED", "REFUNDED", "REFUND_SETTLED"]


async def test_a_success_has_no_reason(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    refund_id = await refunded(owner, await received(given, shop), "10.00")
    with pytest.raises(Failed) as failed:
        await report(owner, refund_id, "SUCCEEDED", reason="好")
    assert failed.value.code == "BAD_USER_INPUT"


async def test_outcomes_of_a_suspended_merchants_refunds_are_reported_by_its_connector(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    connector = client.as_((await given.connector(shop, [READ, Permission.REFUND_REPORT])).token)
    refund_id = await refunded(owner, order, "10.00")
    platform = client.as_((await given.platform()).token)
    await platform.do("suspendMerchant", merchantId=shop.global_id, reason="检查")
    assert codes(await refund(owner, order, "1.00")) == ["MERCHANT_NOT_ENABLED"]
    assert codes(await report(connector, refund_id, "SUCCEEDED")) == []
    assert (await given.row(order)).pending_refunds == 0


async def test_an_order_is_not_closed_while_a_refund_is_pending(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    one = await refunded(owner, order, "10.00")
    two = await refunded(owner, order, "20.00")
    assert codes(await report(owner, one, "FAILED")) == []
    said = {"id": order.id, "reason": "不再处理"}
    refusal = await owner.refused("closeServiceOrder", **said)
    assert (refusal["code"], refusal["retryable"]) == ("REFUND_PENDING", True)
    assert codes(await report(owner, two, "SUCCEEDED")) == []
    assert await owner.codes("closeServiceOrder", **said) == []


async def test_a_customer_sees_own_refunds_and_nothing_internal(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    owner = client.as_(shop.owner.token)
    first = await refunded(owner, order, "10.00", customerNote="先退一部分")
    await report(owner, first, "FAILED", reason="账户已注销", paymentRef="PAY-1")
    second = await refunded(owner, order, "20.00")
    customer = client.as_((await given.customer(shop)).token)
    seen = await customer.ask(REFUNDS, id=order.id)
    common = {"freight": "0.00", "method": "ORIGINAL_PAYMENT", "submittedBy": None, "failure": None}
    assert seen["refundable"] == "169.00"
    assert seen["refunds"] == [
        {"id": first, "amount": "10.00", "status": "FAILED", "paymentRef": "PAY-1", **common},
        {"id": second, "amount": "20.00", "status": "SUBMITTED", "paymentRef": None, **common},
    ]
    stranger = client.as_((await given.customer(shop, "customer-2")).token)
    assert await stranger.ask(REFUNDS, id=order.id) is None


async def test_a_connector_is_told_of_the_reports_that_it_may_make(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await received(given, shop)
    connector = client.as_((await given.connector(shop, [READ, Permission.REFUND_REPORT])).token)
    query = "query($id: ID!) { serviceOrder(id: $id) { actions { action allowed } } }"

    async def actions() -> list[dict[str, Any]]:
        return list((await connector.ask(query, id=order.id))["actions"])

    both = ["SETTLE_REFUND", "FAIL_REFUND"]
    assert await actions() == [{"action": action, "allowed": False} for action in both]
    await refunded(client.as_(shop.owner.token), order, "10.00")
    assert await actions() == [{"action": action, "allowed": True} for action in both]


async def test_a_page_tells_what_is_refundable_of_each_order(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = [await received(given, shop, paid_amount=amount) for amount in (100, 200, 300)]
    owner = client.as_(shop.owner.token)
    await refunded(owner, orders[1], "0.50")
    query = (
        "{ serviceOrders(orderBy: APPLIED_AT_ASC) { nodes { id refundable refunds { amount } } } }"
    )
    assert (await owner.ask(query))["nodes"] == [
        {"id": orders[0].id, "refundable": "1.00", "refunds": []},
        {"id": orders[1].id, "refundable": "1.50", "refunds": [{"amount": "0.50"}]},
        {"id": orders[2].id, "refundable": "3.00", "refunds": []},
    ]


async def test_what_is_refused_leaves_no_refund(client: Client, given: World) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.SUSPENDED)
    order = await received(given, shop)
    payload = await refund(client.as_(shop.owner.token), order, "1.00", idempotencyKey="k")
    assert codes(payload) == ["MERCHANT_NOT_ENABLED"]
    async with given.parts.database.read() as connection:
        rows = await connection.execute(sa.select(refunds.c.id))
        assert rows.all() == []
