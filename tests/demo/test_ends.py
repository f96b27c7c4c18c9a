"""The demo has every end of an order, and its events have the shapes that the server writes."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from doctor.examine import examine
from doctor.finding import Finding
from domain.desk.note_templates import template_problem
from domain.desk.refunds import RefundStatus
from domain.enrolment import EnrolmentStatus
from domain.events import DETAILS, EVERY_KIND, EventKind
from domain.lifecycle import RULINGS
from domain.own_reasons import own_use
from domain.permissions import Permission
from domain.statuses import FINAL
from models.merchant import address_rules
from models.note_template import note_templates
from models.reason import reasons
from models.refund import refunds
from models.service_order import events, service_orders
from tests.client import Client
from tests.conftest import StoppedClock
from tests.demo.reading import NOW, Made, rows
from tests.given import World, jpeg
from tests.walking import FINDINGS, PARCEL, Desk

pytestmark = pytest.mark.anyio

NEVER = {
    EventKind.AUTO_APPROVAL_BLOCKED,
    EventKind.AUTO_APPROVAL_UNBLOCKED,
    EventKind.CLOCK_MOVED,
    EventKind.CONTACT_REVEALED,
    EventKind.ASSIGNED,
    EventKind.RELEASED,
    EventKind.PERSONAL_DATA_ERASED,
}
"""Events that the demo does without: those that are no step of an order, and reassignments."""

BLOCKS = ("inbound", "receipt", "processing", "review_shipment", "ruling")
"""The columns of an order that hold JSON objects."""

WEEK = timedelta(days=7)


async def test_the_doctor_finds_nothing(made: Made) -> None:
    findings: list[Finding] = []
    async with made.database.read() as connection:
        await examine(connection, made.pictures, NOW, findings.append)
    assert findings == []


async def test_every_kind_of_event_happened(made: Made) -> None:
    kinds = Counter(event.kind for timeline in made.events.values() for event in timeline)
    assert set(kinds) == set(EventKind) - NEVER
    assert min(kinds.values()) >= 3, kinds


async def test_orders_wait_for_a_ruling_and_each_ruling_was_made(made: Made) -> None:
    waiting = Counter(
        made.shops[order.merchant_id].enrolment
        for order in made.orders
        if order.escalated_at is not None and order.ruled_at is None
    )
    assert waiting[EnrolmentStatus.ENABLED] >= 10
    assert {order.ruling["action"] for order in made.orders if order.ruling} == RULINGS


async def test_a_merchant_has_address_rules_own_reasons_and_a_note_template(made: Made) -> None:
    for table in (address_rules, reasons, note_templates):
        (merchant_id,) = {row.merchant_id for row in await rows(made.database, table)}
        assert made.shops[merchant_id].enrolment is EnrolmentStatus.ENABLED
    for row in await rows(made.database, reasons):
        assert own_use(row.code)
    for row in await rows(made.database, note_templates):
        assert template_problem(row.text_zh, "textZh") is None
        assert template_problem(row.text_en, "textEn") is None


async def test_refunds_were_paid_failed_and_wait(made: Made) -> None:
    statuses, pending = Counter[RefundStatus](), Counter[int]()
    refunded, freights = Counter[int](), Counter[int]()
    for row in await rows(made.database, refunds):
        statuses[row.status] += 1
        pending[row.service_order_id] += row.status is RefundStatus.SUBMITTED
        if row.status is not RefundStatus.FAILED:
            refunded[row.service_order_id] += row.amount
            freights[row.service_order_id] += row.freight
        assert row.amount > 0
        assert (row.reported_at is None) is (row.status is RefundStatus.SUBMITTED)
        assert (row.payment_ref is not None) is (row.status is RefundStatus.SUCCEEDED)
        assert (row.failure is not None) is (row.status is RefundStatus.FAILED)
    assert set(statuses) == set(RefundStatus)
    assert min(statuses.values()) >= 5
    for order in made.orders:
        assert order.pending_refunds == pending[order.id]
        assert refunded[order.id] <= order.paid_amount
        assert freights[order.id] <= ((order.inbound or {}).get("freight") or 0)
        assert not (order.pending_refunds and order.status in FINAL)
    assert any(0 < refunded[order.id] < order.paid_amount for order in made.orders)


async def test_customers_see_a_sequence_without_gaps(made: Made) -> None:
    for order in made.orders:
        seen = [event for event in made.events[order.id] if event.customer_sequence is not None]
        assert [event.customer_sequence for event in seen] == [
            *range(1, order.customer_version + 1)
        ]
        assert order.customer_updated_at == seen[-1].at
    assert any(order.customer_version < order.version for order in made.orders)


async def test_what_the_demo_stores_the_server_stores(
    made: Made, client: Client, given: World, clock: StoppedClock
) -> None:
    desk = await Desk.open(client, given, clock)
    await client.as_(desk.shop.owner.token).do(
        "setServiceTargets", review=60, receipt=60, processing=60
    )
    await _through_every_step(desk)
    database = given.parts.database
    server = _paths(await rows(database, service_orders), await rows(database, events))
    timeline = [event for timeline in made.events.values() for event in timeline]
    demo = _paths(made.orders, timeline)
    for event in (*timeline, *await rows(database, events)):
        listed = DETAILS.get(event.kind, frozenset()) | EVERY_KIND
        assert set(event.details or {}) <= listed, f"add it to DETAILS for {event.kind}"
    # What the server leaves null here, as an address without a zip, says nothing of the type.
    extra = {name: paths - server[name] for name, paths in demo.items() if paths - server[name]}
    assert extra == {}
    assert set(demo) <= set(server)


def _paths(orders: list[Any], timeline: list[Any]) -> dict[str, set[tuple[str, str]]]:
    """The paths, with the types of their values, in each kind of event and each block."""
    paths = defaultdict[str, set[tuple[str, str]]](set)
    for event in timeline:
        paths[event.kind] |= set(_leaves(event.details))
        paths[event.kind].add(("customer_note", type(event.customer_note).__name__))
        # Notes are written, and orders claimed, at any time.
        if event.kind not in (EventKind.NOTED, EventKind.CLAIMED):
            paths[event.kind].add((f"{event.from_status} → {event.to_status}", ""))
    for order in orders:
        for block in BLOCKS:
            paths[block] |= set(_leaves(getattr(order, block)))
    return {
        name: {
            (path, kind)
            for path, kind in found
            if kind != "NoneType" and not path.endswith("Address.zip")
        }
        for name, found in paths.items()
    }


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, f"{path}[]")
    else:
        yield path, type(value).__name__


async def _through_every_step(desk: Desk) -> None:
    await _before_receipt(desk)
    await _after_receipt(desk)
    await _by_the_platform(desk)
    await _by_the_clock(desk)


async def _before_receipt(desk: Desk) -> None:
    photo = (await desk.customer.upload(jpeg()))["evidence"]["id"]
    inspection = (await desk.reviewer.upload(jpeg(40)))["evidence"]["id"]
    found = (await desk.receiver.upload(jpeg(41)))["evidence"]["id"]
    ask = {"requestFeedback": {"question": "请补充照片"}}
    reject = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}

    order = await desk.pending()
    contact = {"name": "李大花", "phone": "13912345678"}
    await desk.take(desk.customer, "amendServiceOrder", order, evidenceIds=[photo], contact=contact)
    await desk.take(desk.reviewer, "addNote", order, text="客户很着急")
    await desk.reviewer.do("claimServiceOrders", queue="REVIEW", count=1)
    await desk.decide(order, ask)
    await desk.decide(order, ask)
    await desk.take(desk.customer, "respondToFeedback", order, text="拍好了", evidenceIds=[photo])
    await desk.decide(order, {"approve": {"customerNote": "请寄回"}})
    await desk.take(desk.customer, "shipServiceOrder", order, freight="12.00", **PARCEL)
    await desk.take(desk.customer, "correctWaybill", order, **PARCEL)
    remarks = {
        name: {**FINDINGS[name], "remark": "备注"}
        for name in ("packing", "function", "appearance", "accessories", "invoice")
    }
    receipt = {**FINDINGS, **remarks, "remark": "少寄一件", "evidenceIds": [found]}
    await desk.take(desk.receiver, "receiveServiceOrder", order, **receipt)

    give_up = {"recordGiveUp": {"customerNote": "不退了"}}
    outs: list[dict[str, Any]] = [reject, give_up, {"approve": {}}]
    for decision in outs[:2]:
        order = await desk.pending()
        await desk.take(
            *(desk.reviewer, "reviewServiceOrder", order),
            decision=decision,
            evidenceIds=[inspection],
        )
    for decision in outs:
        order = await desk.pending()
        await desk.decide(order, ask)
        await desk.decide(order, decision)
    await desk.decide(await desk.approved(), give_up)

    order = await desk.pending()
    await desk.decide(order, reject)
    await desk.take(desk.customer, "escalateServiceOrder", order, reason="不认可")
    note = {"customerNote": "重新审核"}
    order = await desk.pending()
    await desk.decide(order, reject)
    await desk.take(desk.reviewer, "reopenServiceOrder", order, reason="看错了", **note)
    await desk.decide(order, {"approve": {}})
    await desk.take(desk.reviewer, "changeReturnAddress", order, **note)
    await desk.take(desk.reviewer, "withdrawApproval", order, reason="点错了", **note)
    for order in (await desk.pending(), await desk.approved()):
        await desk.take(desk.customer, "cancelServiceOrder", order, reason="先不退了")
    order = await desk.shipped()
    await desk.take(desk.customer, "cancelServiceOrder", order, reason="先不退了")
    await desk.take(desk.receiver, "receiveCancelled", order, remark="外箱未拆")
    await desk.take(desk.receiver, "returnCancelled", order, **PARCEL)


async def _after_receipt(desk: Desk) -> None:
    resend: dict[str, Any] = {"goods": "蓝牙耳机", "customerNote": "补发新品"}
    order = await desk.pending("EXCHANGE")
    await desk.decide(order, {"resend": {**resend, **PARCEL}})
    order = await desk.pending("EXCHANGE")
    await desk.decide(order, {"resend": {**resend, "later": True}})
    await desk.take(desk.receiver, "updateShipment", order, **PARCEL)
    await desk.take(desk.customer, "confirmServiceOrder", order, satisfaction=4, comment="等得久")

    note = {"customerNote": "请查收"}
    order = await desk.received("EXCHANGE")
    exchange = {"goods": "蓝牙耳机", **PARCEL, **note}
    await desk.take(desk.processor, "exchangeServiceOrder", order, **exchange)
    await desk.take(desk.processor, "undoProcessing", order)
    other = await desk.received("EXCHANGE")
    await desk.take(desk.processor, "exchangeServiceOrder", other, **exchange)
    await desk.take(desk.processor, "exchangeServiceOrder", order, newOrderNumber="P-2002", **note)
    await desk.take(desk.customer, "reportUnsolved", order, message="还是坏的")
    await desk.take(desk.processor, "replyToServiceOrder", order, text="正在核实")
    await desk.take(desk.customer, "escalateServiceOrder", order, reason="协商不成")
    await desk.take(desk.processor, "solveServiceOrder", order, customerNote="已补发")
    await desk.take(desk.customer, "replyToServiceOrder", order, text="好的")
    await desk.take(desk.customer, "confirmServiceOrder", order)
    await desk.take(desk.customer, "reportUnsolved", order, message="又坏了")
    await desk.take(desk.processor, "closeServiceOrder", order, reason="已协商")

    order = await desk.received("REPAIR")
    repair = {"report": "更换电池", **PARCEL, **note}
    await desk.take(desk.processor, "repairServiceOrder", order, **repair)
    order = await desk.received()
    await desk.take(desk.processor, "sendBackServiceOrder", order, **PARCEL, **note)
    await desk.take(desk.processor, "updateShipment", order, **PARCEL)

    order = await desk.received()
    await desk.reported(await desk.refunded(order, "50.00", "12.00"), "FAILED", reason="已注销")
    await desk.reported(await desk.refunded(order, "50.00"), "SUCCEEDED", paymentRef="PAY-1")
    await desk.reported(await desk.refunded(order, "139.00"), "SUCCEEDED")


async def _by_the_platform(desk: Desk) -> None:
    reject = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}
    account = await desk.given.platform(Permission.INTERVENE)
    platform = desk.reviewer.as_(account.token)
    text = {"text": "维持"}
    refund = {"remedy": "REFUND", "amount": "189.00", **text}

    async def rule(order: str, ruling: dict[str, Any]) -> None:
        await desk.take(desk.customer, "escalateServiceOrder", order, reason="不认可")
        await desk.take(platform, "ruleOnServiceOrder", order, ruling=ruling)

    rulings: list[dict[str, Any]] = [{"returnGoods": text}, {"process": refund}, {"uphold": text}]
    for ruling in rulings:
        order = await desk.pending()
        await desk.decide(order, reject)
        await rule(order, ruling)
    await rule(await desk.shipped(), {"cancel": text})
    other = {"process": {"remedy": "OTHER", **text}}
    rulings = [{"close": text}, other]
    for ruling in rulings:
        order = await desk.received("REPAIR")
        repair = {"report": "更换电池", **PARCEL, "customerNote": "请查收"}
        await desk.take(desk.processor, "repairServiceOrder", order, **repair)
        await desk.take(desk.customer, "reportUnsolved", order, message="还是坏的")
        await rule(order, ruling)


async def _by_the_clock(desk: Desk) -> None:
    """Review, feedback, shipment and confirmation run out, one after another."""
    ask = {"requestFeedback": {"question": "请补充照片"}}
    asked = await desk.pending()
    await desk.decide(asked, ask)
    await desk.pending()
    answered = await desk.pending()
    desk.clock.pass_(timedelta(hours=47))
    await desk.decide(answered, ask)
    await desk.take(desk.reviewer, "respondToFeedback", answered, text="电话: 没有问题")
    for _ in range(3):
        desk.clock.pass_(WEEK)
        await desk.act()
    assert await desk.status(asked) == "CANCELLED"
