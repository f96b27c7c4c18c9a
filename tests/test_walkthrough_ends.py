"""Every end of an order, for each expectation and each way out, through HTTP alone."""

from datetime import timedelta

import pytest

from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import World, jpeg
from tests.walking import FINDINGS, PARCEL, Desk

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
async def desk(client: Client, given: World, clock: StoppedClock) -> Desk:
    return await Desk.open(client, given, clock)


# Return


async def test_a_return_is_refunded_in_parts_and_confirmed(desk: Desk) -> None:
    order = await desk.received("RETURN")
    first = await desk.refunded(order, "100.00", "12.00")
    # Nobody completes it while the payment is open.
    refusal = await desk.customer.refused("confirmServiceOrder", id=order)
    assert refusal["code"] == "REFUND_PENDING"
    await desk.reported(first, "SUCCEEDED", paymentRef="PAY-1")
    # 189.00 was paid: more than the rest is refused.
    too_much = {"id": order, "amount": "89.01", "method": "ORIGINAL_PAYMENT"}
    assert await desk.supervisor.codes("refundServiceOrder", **too_much) == ["REFUND_TOO_LARGE"]
    await desk.reported(await desk.refunded(order, "89.00"), "SUCCEEDED")
    query = """query($id: ID!) { serviceOrder(id: $id) {
        refundable refunds { amount freight status paymentRef } } }"""
    assert await desk.customer.ask(query, id=order) == {
        "refundable": "0.00",
        "refunds": [
            {
                "amount": "100.00",
                "freight": "12.00",
                "status": "SUCCEEDED",
                "paymentRef": "PAY-1",
            },
            {"amount": "89.00", "freight": "0.00", "status": "SUCCEEDED", "paymentRef": None},
        ],
    }
    status = await desk.take(
        desk.customer, "confirmServiceOrder", order, satisfaction=5, comment="很快"
    )
    assert status == "COMPLETED"
    assert await desk.kinds(order) == [
        *("SHIPPED", "RECEIVED", "REFUNDED", "REFUND_SETTLED"),
        *("REFUNDED", "REFUND_SETTLED", "CONFIRMED"),
    ]
    query = "query($id: ID!) { serviceOrder(id: $id) { satisfaction satisfactionComment } }"
    seen = await desk.reviewer.ask(query, id=order)
    assert seen == {"satisfaction": 5, "satisfactionComment": "很快"}
    await desk.check(order)


async def test_a_payment_that_fails_brings_the_order_back(desk: Desk) -> None:
    order = await desk.received("RETURN")
    refund = await desk.refunded(order, "189.00")
    await desk.reported(refund, "FAILED", reason="账户已注销")
    assert await desk.status(order) == "AWAITING_PROCESSING"
    await desk.reported(refund, "FAILED")  # the same report again answers the same
    other = {"id": refund, "outcome": "SUCCEEDED"}
    assert await desk.payments.codes("reportRefund", **other) == ["REFUND_ALREADY_REPORTED"]
    await desk.reported(await desk.refunded(order, "189.00"), "SUCCEEDED")
    await desk.time_passes(WEEK - timedelta(minutes=1))
    assert await desk.status(order) == "COMPLETED"
    assert await desk.kinds(order) == [
        *("SHIPPED", "RECEIVED", "REFUNDED", "REFUND_FAILED"),
        *("REFUNDED", "REFUND_SETTLED", "AUTO_CONFIRMED"),
    ]
    await desk.check(order)


async def test_an_open_payment_holds_up_the_clock(desk: Desk) -> None:
    order = await desk.received("RETURN")
    refund = await desk.refunded(order, "189.00")
    await desk.time_passes(WEEK + DAY)
    assert await desk.status(order) == "AWAITING_CONFIRMATION"
    await desk.reported(refund, "SUCCEEDED")
    await desk.act()
    assert await desk.status(order) == "COMPLETED"
    await desk.check(order)


# Exchange


async def test_an_exchange_is_sent_later_and_confirmed(desk: Desk) -> None:
    order = await desk.received("EXCHANGE")
    exchange = {"goods": "蓝牙耳机", "later": True, "customerNote": "新品明天寄出"}
    status = await desk.take(desk.processor, "exchangeServiceOrder", order, **exchange)
    assert status == "AWAITING_CONFIRMATION"
    assert await desk.take(desk.processor, "updateShipment", order, **PARCEL) == status
    query = """query($id: ID!) { serviceOrder(id: $id) { processing {
        action by { name } customerNote newOrderNumber shipment { goods carrier waybill } } } }"""
    assert (await desk.reviewer.ask(query, id=order))["processing"] == {
        "action": "EXCHANGE",
        "by": {"name": "小处"},
        "customerNote": "新品明天寄出",
        "newOrderNumber": None,
        "shipment": {"goods": "蓝牙耳机", **PARCEL},
    }
    assert await desk.take(desk.customer, "confirmServiceOrder", order) == "COMPLETED"
    kinds = ["SHIPPED", "RECEIVED", "EXCHANGED", "SHIPMENT_UPDATED", "CONFIRMED"]
    assert await desk.kinds(order) == kinds
    await desk.check(order)


async def test_an_exchange_is_undone_and_becomes_a_new_order(desk: Desk) -> None:
    order = await desk.received("EXCHANGE")
    await desk.take(desk.processor, "exchangeServiceOrder", order, goods="蓝牙耳机", **PARCEL)
    assert await desk.take(desk.processor, "undoProcessing", order) == "AWAITING_PROCESSING"
    await desk.take(desk.processor, "exchangeServiceOrder", order, newOrderNumber="P-2002")
    await desk.time_passes(WEEK)
    assert await desk.status(order) == "COMPLETED"
    kinds = ["SHIPPED", "RECEIVED", "EXCHANGED", "UNDONE", "EXCHANGED", "AUTO_CONFIRMED"]
    assert await desk.kinds(order) == kinds
    await desk.check(order)


# Repair, and an objection


async def test_a_repair_that_did_not_help_is_solved_in_a_thread(desk: Desk) -> None:
    order = await desk.received("REPAIR")
    repair = {"report": "更换主板, 测试两小时正常", **PARCEL}
    status = await desk.take(desk.processor, "repairServiceOrder", order, **repair)
    assert status == "AWAITING_CONFIRMATION"
    # What was repaired cannot be taken back.
    assert await desk.processor.codes("undoProcessing", id=order) == ["WRONG_STATUS"]
    assert await desk.take(desk.customer, "confirmServiceOrder", order) == "COMPLETED"
    # Within 15 days the customer may object.
    desk.clock.pass_(14 * DAY)
    objection = {"message": "用了两天又坏了"}
    status = await desk.take(desk.customer, "reportUnsolved", order, **objection)
    assert status == "AWAITING_PROCESSING"
    await desk.take(desk.processor, "replyToServiceOrder", order, text="请描述一下现象")
    await desk.take(desk.customer, "replyToServiceOrder", order, text="充不进电")
    solution = {"customerNote": "已寄出新的充电器"}
    status = await desk.take(desk.processor, "solveServiceOrder", order, **solution)
    assert status == "AWAITING_CONFIRMATION"
    query = """query($id: ID!) { serviceOrder(id: $id) {
        thread(last: 10) { kind customerNote } } }"""
    assert (await desk.customer.ask(query, id=order))["thread"] == [
        {"kind": "REPORTED_UNSOLVED", "customerNote": "用了两天又坏了"},
        {"kind": "REPLIED", "customerNote": "请描述一下现象"},
        {"kind": "REPLIED", "customerNote": "充不进电"},
        {"kind": "SOLVED", "customerNote": "已寄出新的充电器"},
    ]
    assert await desk.take(desk.customer, "confirmServiceOrder", order) == "COMPLETED"
    # After 15 days it is over.
    desk.clock.pass_(15 * DAY + timedelta(seconds=1))
    refusal = await desk.customer.refused("reportUnsolved", id=order, message="又坏了")
    assert refusal["code"] == "DEADLINE_PASSED"
    assert "REPORT_UNSOLVED" not in await desk.allowed(order, desk.customer)
    await desk.check(order)


async def test_the_platform_is_asked_once_to_step_in(desk: Desk) -> None:
    order = await desk.received("REPAIR")
    await desk.take(desk.processor, "repairServiceOrder", order, report="更换电池", **PARCEL)
    await desk.take(desk.customer, "reportUnsolved", order, message="没有修好")
    reason = {"reason": "协商不成"}
    status = await desk.take(desk.customer, "escalateServiceOrder", order, **reason)
    assert status == "AWAITING_PROCESSING"
    codes = await desk.processor.codes("escalateServiceOrder", id=order, **reason)
    assert codes == ["ALREADY_ESCALATED"]
    query = "query($id: ID!) { serviceOrder(id: $id) { escalatedAt } }"
    assert (await desk.reviewer.ask(query, id=order))["escalatedAt"] is not None
    assert await desk.take(desk.processor, "closeServiceOrder", order, reason="已协商") == (
        "COMPLETED"
    )
    await desk.check(order)


# Sent back, resent, closed


async def test_goods_without_a_fault_are_sent_back(desk: Desk) -> None:
    order = await desk.received("RETURN")
    await desk.take(desk.processor, "sendBackServiceOrder", order, **PARCEL)
    await desk.take(desk.processor, "undoProcessing", order)
    back = {"carrier": "北辰速运", "waybill": "BC1", "customerNote": "检测无故障"}
    await desk.take(desk.processor, "sendBackServiceOrder", order, **back)
    await desk.time_passes(WEEK)
    assert await desk.status(order) == "COMPLETED"
    kinds = ["SHIPPED", "RECEIVED", "SENT_BACK", "UNDONE", "SENT_BACK", "AUTO_CONFIRMED"]
    assert await desk.kinds(order) == kinds
    await desk.check(order)


async def test_a_new_item_is_sent_without_a_return(desk: Desk) -> None:
    order = await desk.pending("EXCHANGE")
    resend = {"goods": "蓝牙耳机", "later": True, "customerNote": "补发新品"}
    assert await desk.decide(order, {"resend": resend}) == "AWAITING_CONFIRMATION"
    await desk.take(desk.receiver, "updateShipment", order, **PARCEL)
    query = """query($id: ID!) { serviceOrder(id: $id) {
        review { shipment { goods carrier waybill } } } }"""
    review = (await desk.customer.ask(query, id=order))["review"]
    assert review["shipment"] == {"goods": "蓝牙耳机", **PARCEL}
    assert await desk.take(desk.customer, "confirmServiceOrder", order) == "COMPLETED"
    assert await desk.kinds(order) == ["RESENT", "SHIPMENT_UPDATED", "CONFIRMED"]
    await desk.check(order)


async def test_an_order_is_closed_after_receipt(desk: Desk) -> None:
    order = await desk.received("RETURN")
    status = await desk.take(desk.processor, "closeServiceOrder", order, reason="客户留用")
    assert status == "COMPLETED"
    await desk.check(order)


# Ways out before receipt


async def test_an_order_is_rejected(desk: Desk) -> None:
    order = await desk.pending()
    reject = {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}
    assert await desk.decide(order, {"reject": reject}) == "REJECTED"
    assert await desk.allowed(order, desk.customer) == {"ESCALATE"}
    await desk.check(order)


async def test_the_customer_gives_up(desk: Desk) -> None:
    order = await desk.approved()
    give_up = {"recordGiveUp": {"customerNote": "客户不退了"}}
    assert await desk.decide(order, give_up) == "CANCELLED"
    await desk.check(order)


async def test_the_customer_amends_and_cancels(desk: Desk) -> None:
    order = await desk.pending()
    photo = (await desk.customer.upload(jpeg()))["evidence"]["id"]
    contact = {"phone": "13912345678"}
    status = await desk.take(
        desk.customer, "amendServiceOrder", order, evidenceIds=[photo], contact=contact
    )
    assert status == "PENDING_REVIEW"
    assert await desk.take(desk.customer, "cancelServiceOrder", order) == "CANCELLED"
    assert await desk.kinds(order) == ["AMENDED", "CANCELLED"]
    await desk.check(order)


async def test_a_parcel_arrives_for_an_order_that_was_cancelled_in_transit(desk: Desk) -> None:
    order = await desk.shipped()
    await desk.take(desk.customer, "correctWaybill", order, carrier="北辰速运", waybill="BC2")
    assert await desk.take(desk.customer, "cancelServiceOrder", order) == "CANCELLED"
    back = {"id": order, **PARCEL}
    assert await desk.receiver.codes("returnCancelled", **back) == ["NOT_ARRIVED"]
    status = await desk.take(desk.receiver, "receiveCancelled", order, remark="外箱未拆")
    assert status == "CANCELLED"
    assert await desk.receiver.codes("receiveCancelled", id=order) == ["NOT_IN_TRANSIT"]
    assert await desk.take(desk.receiver, "returnCancelled", order, **PARCEL) == "CANCELLED"
    assert await desk.receiver.codes("returnCancelled", **back) == ["NOT_ARRIVED"]
    assert await desk.kinds(order) == [
        *("SHIPPED", "WAYBILL_CORRECTED", "CANCELLED"),
        *("CANCELLED_RECEIVED", "CANCELLED_RETURNED"),
    ]
    await desk.check(order)


# The clock


async def explained(desk: Desk, order: str) -> tuple[str, str]:
    """The rule of the last event, and who took it."""
    query = """query($id: ID!) { serviceOrder(id: $id) { timeline(last: 1) {
        actor { kind } explanation { rule startedAt dueAt ranAt } } } }"""
    [event] = (await desk.reviewer.ask(query, id=order))["timeline"]
    assert event["explanation"]["dueAt"] == event["explanation"]["ranAt"]
    return event["explanation"]["rule"], event["actor"]["kind"]


async def test_a_question_that_nobody_answers_expires(desk: Desk) -> None:
    order = await desk.pending()
    await desk.decide(order, {"requestFeedback": {"question": "请补充照片"}})
    await desk.time_passes(WEEK)
    assert await desk.status(order) == "CANCELLED"
    assert await explained(desk, order) == ("FEEDBACK_WINDOW_7D", "SYSTEM")
    assert await desk.kinds(order) == ["FEEDBACK_REQUESTED", "FEEDBACK_EXPIRED"]
    await desk.check(order)


async def test_goods_that_nobody_sends_expire(desk: Desk) -> None:
    order = await desk.approved()
    await desk.time_passes(WEEK)
    assert await desk.status(order) == "CANCELLED"
    assert await explained(desk, order) == ("SHIPMENT_WINDOW_7D", "SYSTEM")
    assert await desk.kinds(order) == ["SHIPMENT_EXPIRED"]
    await desk.check(order)


async def test_the_clock_takes_an_order_from_approval_to_expiry(desk: Desk) -> None:
    order = await desk.pending()
    await desk.time_passes(2 * DAY)
    assert await desk.status(order) == "AWAITING_SHIPMENT"
    assert await explained(desk, order) == ("REVIEW_WINDOW_48H", "SYSTEM")
    await desk.time_passes(WEEK)
    assert await desk.status(order) == "CANCELLED"
    await desk.check(order)


async def test_the_clock_confirms_what_the_customer_does_not(desk: Desk) -> None:
    order = await desk.received("REPAIR")
    await desk.take(desk.processor, "repairServiceOrder", order, report="更换电池", **PARCEL)
    await desk.time_passes(WEEK)
    assert await explained(desk, order) == ("CONFIRMATION_WINDOW_7D", "SYSTEM")
    assert await desk.status(order) == "COMPLETED"
    await desk.check(order)


# Waiting for the customer is no dead end


async def test_an_order_is_approved_while_the_customer_is_asked(desk: Desk) -> None:
    order = await desk.pending()
    await desk.decide(order, {"requestFeedback": {"question": "请补充照片"}})
    again = {"requestFeedback": {"question": "请补充外包装的照片"}}
    assert await desk.decide(order, again) == "AWAITING_FEEDBACK"
    assert await desk.decide(order, {"approve": {}}) == "AWAITING_SHIPMENT"
    await desk.check(order)


async def test_an_answer_by_phone_leaves_the_merchant_four_hours(desk: Desk) -> None:
    order = await desk.pending()
    desk.clock.pass_(timedelta(hours=47))
    await desk.decide(order, {"requestFeedback": {"question": "请补充照片"}})
    answer = {"text": "电话: 客户说收到就有问题"}
    status = await desk.take(desk.reviewer, "respondToFeedback", order, **answer)
    assert status == "PENDING_REVIEW"
    await desk.time_passes(timedelta(hours=4))
    assert await desk.status(order) == "AWAITING_SHIPMENT"
    await desk.check(order)


# One parcel for several orders


async def test_one_parcel_holds_the_orders_of_an_application(desk: Desk) -> None:
    orders = await desk.applied("RETURN", "EXCHANGE", "REPAIR")
    for order in orders:
        await desk.decide(order, {"approve": {}})
    shape = "results { serviceOrder { id status } refusals { code } }"
    shipped = await desk.customer.do("shipServiceOrders", shape, ids=orders, **PARCEL)
    assert [result["serviceOrder"] for result in shipped["results"]] == [
        {"id": order, "status": "AWAITING_RECEIPT"} for order in orders
    ]
    receipts = [{"id": order, **FINDINGS} for order in orders]
    await desk.take(desk.receiver, "receiveServiceOrder", orders[0], **FINDINGS)
    received = await desk.receiver.do("receiveServiceOrders", shape, receipts=receipts)
    assert [[one["code"] for one in result["refusals"]] for result in received["results"]] == [
        ["WRONG_STATUS"],
        [],
        [],
    ]
    query = """query($id: ID!) { serviceOrder(id: $id) {
        inbound { carrier waybill }
        receipt { function { finding remark } receivedQuantity goods } } }"""
    assert await desk.customer.ask(query, id=orders[1]) == {
        "inbound": PARCEL,
        "receipt": {
            "function": {"finding": "FAULTY", "remark": "开不了机"},
            "receivedQuantity": 1,
            "goods": "AS_APPLIED",
        },
    }
    await desk.check(orders[2])
