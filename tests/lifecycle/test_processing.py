"""Processing received goods without a refund, and the thread about the outcome."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.actions import Action
from domain.actors import ActorKind
from domain.enrolment import EnrolmentStatus
from domain.events import EventKind
from domain.lifecycle import LIFECYCLE
from domain.permissions import Permission
from domain.statuses import Status
from models.service_order import ServiceOrderEvent
from tests.client import Client, Failed
from tests.conftest import NOON, StoppedClock
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

PROCESSING = """processing { action by { name } at customerNote newOrderNumber report
  shipment { goods carrier waybill } }"""
SHAPE = f"""replayed serviceOrder {{ status version finishedAt clock {{ kind consequence }}
  {PROCESSING}
  timeline(last: 1) {{ kind fromStatus toStatus customerNote internalNote details }} }}"""
SENT = {"carrier": "顺丰", "waybill": "SF1"}
NOTHING = {"customerNote": None, "newOrderNumber": None, "report": None, "shipment": None}

STEPS: dict[str, tuple[Status, Action | None, dict[str, Any]]] = {
    "exchangeServiceOrder": (Status.AWAITING_PROCESSING, Action.RECEIVE, {"newOrderNumber": "P2"}),
    "repairServiceOrder": (
        Status.AWAITING_PROCESSING,
        Action.RECEIVE,
        {"report": "换屏", **SENT},
    ),
    "sendBackServiceOrder": (Status.AWAITING_PROCESSING, Action.RECEIVE, SENT),
    "undoProcessing": (Status.AWAITING_CONFIRMATION, Action.EXCHANGE, {}),
    "solveServiceOrder": (
        Status.AWAITING_PROCESSING,
        Action.REPORT_UNSOLVED,
        {"customerNote": "已补寄"},
    ),
    "replyToServiceOrder": (Status.AWAITING_CONFIRMATION, Action.EXCHANGE, {"text": "您好"}),
    "updateShipment": (Status.AWAITING_CONFIRMATION, Action.EXCHANGE, SENT),
}
"""The mutations: a status and a last action that allow each, and the rest of its input."""

PERMISSIONS = {"updateShipment": Permission.RECEIVE}
each = pytest.mark.parametrize("name", STEPS)


async def ready(given: World, shop: Any, name: str, **columns: Any) -> OrderRef:
    """An order with which the step can be taken."""
    status, last_action, _ = STEPS[name]
    return await given.in_status(shop, status, last_action=last_action, **columns)


@pytest.mark.parametrize(
    ("name", "said", "block", "details"),
    [
        (
            "exchangeServiceOrder",
            {"newOrderNumber": " P2 ", "customerNote": "已下新单"},
            {"action": "EXCHANGE", "customerNote": "已下新单", "newOrderNumber": "P2"},
            {"newOrderNumber": "P2"},
        ),
        (
            "exchangeServiceOrder",
            {"goods": "新耳机", **SENT},
            {"action": "EXCHANGE", "shipment": {"goods": "新耳机", **SENT}},
            {"shipment": {"goods": "新耳机", **SENT}},
        ),
        (
            "exchangeServiceOrder",
            {"goods": "新耳机", "later": True},
            {
                "action": "EXCHANGE",
                "shipment": {"goods": "新耳机", "carrier": None, "waybill": None},
            },
            {"shipment": {"goods": "新耳机", "carrier": None, "waybill": None}},
        ),
        (
            "repairServiceOrder",
            {"report": "换屏", "customerNote": "已修好", **SENT},
            {
                "action": "REPAIR",
                "report": "换屏",
                "customerNote": "已修好",
                "shipment": {"goods": "蓝牙耳机", **SENT},
            },
            {"report": "换屏", "shipment": {"goods": None, **SENT}},
        ),
        (
            "sendBackServiceOrder",
            {"customerNote": " ", **SENT},
            {"action": "SEND_BACK", "shipment": {"goods": "蓝牙耳机", **SENT}},
            {"shipment": {"goods": None, **SENT}},
        ),
    ],
)
async def test_processing_hands_the_order_to_the_customer(
    client: Client,
    given: World,
    name: str,
    said: dict[str, Any],
    block: dict[str, Any],
    details: dict[str, Any],
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_PROCESSING)
    processor = await given.employee(shop, name="小P", roles=["处理组"])
    payload = await client.as_(processor.token).do(name, SHAPE, id=order.id, **said)
    assert payload["refusals"] == []
    shown = payload["serviceOrder"]
    [event] = shown.pop("timeline")
    assert shown == {
        "status": "AWAITING_CONFIRMATION",
        "version": 2,
        "finishedAt": None,
        "clock": {"kind": "CONFIRMATION", "consequence": "AUTO_CONFIRM"},
        "processing": {**NOTHING, "by": {"name": "小P"}, "at": NOON.isoformat(), **block},
    }
    kinds = {
        "exchangeServiceOrder": "EXCHANGED",
        "repairServiceOrder": "REPAIRED",
        "sendBackServiceOrder": "SENT_BACK",
    }
    assert event == {
        "kind": kinds[name],
        "fromStatus": "AWAITING_PROCESSING",
        "toStatus": "AWAITING_CONFIRMATION",
        "customerNote": block.get("customerNote"),
        "internalNote": None,
        "details": details,
    }
    row = await given.row(order)
    assert (row.processed_at, row.last_action) == (NOON, Action(block["action"]))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("said", "argument"),
    [
        ({}, "newOrderNumber"),
        ({"newOrderNumber": " "}, "newOrderNumber"),
        ({"later": True}, "newOrderNumber"),
        (SENT, "newOrderNumber"),
        ({"newOrderNumber": "P2", "goods": "耳机", **SENT}, "newOrderNumber"),
        ({"newOrderNumber": "P2", **SENT}, "newOrderNumber"),
        ({"newOrderNumber": "P2", "later": True}, "newOrderNumber"),
        ({"newOrderNumber": "x" * 65}, "newOrderNumber"),
        ({"goods": "耳机"}, "waybill"),
        ({"goods": "耳机", "carrier": "顺丰"}, "waybill"),
        ({"goods": "耳机", "waybill": "SF1", "later": True}, "waybill"),
        ({"goods": "耳机", "later": True, **SENT}, "waybill"),
        ({"goods": " ", **SENT}, "goods"),
        ({"newOrderNumber": "P2", "customerNote": "x" * 501}, "customerNote"),
    ],
)
async def test_an_exchange_is_a_new_order_or_goods_with_their_shipment(
    client: Client, given: World, said: dict[str, Any], argument: str, language: str
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_PROCESSING)
    owner = client.as_(shop.owner.token)
    owner.language = language
    with pytest.raises(Failed) as failed:
        await owner.do("exchangeServiceOrder", id=order.id, **said)
    assert failed.value.code == "BAD_USER_INPUT"
    assert failed.value.extensions["argument"] == [argument]
    text = failed.value.errors[0]["message"].partition(": ")[2]
    assert text.isascii() is (language == "en")
    assert (await given.row(order)).version == 1


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("repairServiceOrder", "report"),
        ("repairServiceOrder", "waybill"),
        ("sendBackServiceOrder", "carrier"),
        ("sendBackServiceOrder", "waybill"),
        ("solveServiceOrder", "customerNote"),
        ("replyToServiceOrder", "text"),
        ("updateShipment", "carrier"),
        ("updateShipment", "waybill"),
    ],
)
async def test_what_a_step_must_carry_may_not_be_empty(
    client: Client, given: World, name: str, field: str
) -> None:
    shop = await given.merchant()
    order = await ready(given, shop, name)
    said = {"id": order.id, **STEPS[name][2], field: " "}
    with pytest.raises(Failed) as failed:
        await client.as_(shop.owner.token).do(name, **said)
    assert failed.value.code == "BAD_USER_INPUT"
    assert failed.value.extensions["argument"] == [field]
    assert (await given.row(order)).version == 1


@each
async def test_each_step_needs_its_permission_and_an_enabled_merchant(
    client: Client, given: World, name: str
) -> None:
    shop = await given.merchant()
    order = await ready(given, shop, name)
    needed = PERMISSIONS.get(name, Permission.PROCESS)
    others = [one for one in (Permission.PROCESS, Permission.RECEIVE) if one is not needed]
    stranger = await given.employee(shop, Permission.REVIEW, Permission.REFUND, *others)
    holder = await given.employee(shop, needed)
    said = {"id": order.id, **STEPS[name][2]}
    with pytest.raises(Failed) as failed:
        await client.as_(stranger.token).do(name, **said)
    assert failed.value.extensions == {"code": "FORBIDDEN", "requires": needed}
    assert (await given.row(order)).version == 1
    assert await client.as_(holder.token).codes(name, **said) == []
    assert (await given.row(order)).version == 2

    suspended = await given.merchant("停业", enrolment=EnrolmentStatus.SUSPENDED)
    order = await ready(given, suspended, name)
    owner = client.as_(suspended.owner.token)
    said = {"id": order.id, **STEPS[name][2]}
    assert await owner.codes(name, **said) == ["MERCHANT_NOT_ENABLED"]


@each
async def test_each_step_needs_its_status(client: Client, given: World, name: str) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    allowed, last_action, said = STEPS[name]
    sources = {
        "replyToServiceOrder": LIFECYCLE[Action.REPLY].sources,
        "updateShipment": LIFECYCLE[Action.UPDATE_SHIPMENT].sources,
    }
    sent = {"decision": Action.RESEND} if name == "updateShipment" else {}
    for status in set(Status) - sources.get(name, frozenset({allowed})):
        order = await given.in_status(shop, status, last_action=last_action, **sent)
        refusal = await owner.refused(name, id=order.id, **said)
        assert (refusal["code"], refusal["status"]) == ("WRONG_STATUS", status)
        assert (await given.row(order)).version == 1


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("undoProcessing", [Action.REPAIR, Action.REFUND, Action.RESEND, Action.SOLVE]),
        ("solveServiceOrder", [Action.RECEIVE, Action.UNDO, Action.FAIL_REFUND]),
    ],
)
async def test_some_steps_need_another_step_before_them(
    client: Client, given: World, name: str, refused: list[Action]
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    status, _, said = STEPS[name]
    for last_action in refused:
        order = await given.in_status(shop, status, last_action=last_action)
        assert await owner.codes(name, id=order.id, **said) == ["WRONG_LAST_STEP"], last_action
        assert (await given.row(order)).version == 1


@each
async def test_each_step_heeds_the_expected_version(
    client: Client, given: World, name: str
) -> None:
    shop = await given.merchant()
    order = await ready(given, shop, name)
    owner = client.as_(shop.owner.token)
    said = {"id": order.id, **STEPS[name][2]}
    refusal = await owner.refused(name, expectedVersion=2, **said)
    assert (refusal["code"], refusal["current"], refusal["retryable"]) == (
        "STALE_VERSION",
        1,
        True,
    )
    assert await owner.codes(name, expectedVersion=1, **said) == []


@each
async def test_a_step_that_is_sent_again_is_taken_once(
    client: Client, given: World, name: str
) -> None:
    shop = await given.merchant()
    order = await ready(given, shop, name)
    owner = client.as_(shop.owner.token)
    said = {"id": order.id, "idempotencyKey": "one", **STEPS[name][2]}
    first, again = [await owner.do(name, SHAPE, **said) for _ in range(2)]
    assert (first.pop("replayed"), again.pop("replayed")) == (False, True)
    assert first == again
    assert first["refusals"] == []
    assert (await given.row(order)).version == 2


@each
async def test_another_merchant_s_order_is_not_found(
    client: Client, given: World, name: str
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await ready(given, other, name)
    refusal = await client.as_(shop.owner.token).refused(name, id=order.id, **STEPS[name][2])
    assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "ServiceOrder")
    assert (await given.row(order)).version == 1


@each
async def test_a_customer_may_only_reply_and_only_to_their_own_order(
    client: Client, given: World, name: str
) -> None:
    shop = await given.merchant()
    order = await ready(given, shop, name, customer_ref="c-1")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    neighbour = client.as_((await given.customer(shop, "c-2")).token)
    storefront = client.as_((await given.connector(shop)).token)
    said = {"id": order.id, **STEPS[name][2]}
    if name == "replyToServiceOrder":
        assert await neighbour.codes(name, **said) == ["NOT_FOUND"]
        assert await storefront.codes(name, **said) == ["NOT_YOURS"]
        assert (await given.row(order)).version == 1
        assert await customer.codes(name, **said) == []
    else:
        for asker in (customer, neighbour, storefront):
            assert await asker.codes(name, **said) == ["FORBIDDEN"]
        assert (await given.row(order)).version == 1


async def test_undoing_clears_the_block_and_the_goods_can_be_processed_again(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_PROCESSING)
    owner = client.as_(shop.owner.token)
    exchange, send_back = {"newOrderNumber": "P2"}, SENT
    assert await owner.codes("exchangeServiceOrder", id=order.id, **exchange) == []
    assert await owner.codes("replyToServiceOrder", id=order.id, text="已下新单") == []
    clock.pass_(timedelta(hours=1))
    payload = await owner.do("undoProcessing", SHAPE, id=order.id)
    assert payload["serviceOrder"] == {
        "status": "AWAITING_PROCESSING",
        "version": 4,
        "finishedAt": None,
        "clock": {"kind": "PROCESSING", "consequence": None},
        "processing": None,
        "timeline": [
            {
                "kind": "UNDONE",
                "fromStatus": "AWAITING_CONFIRMATION",
                "toStatus": "AWAITING_PROCESSING",
                "customerNote": None,
                "internalNote": None,
                "details": None,
            }
        ],
    }
    row = await given.row(order)
    assert (row.processing, row.processed_at) == (None, None)
    assert await owner.codes("undoProcessing", id=order.id) == ["WRONG_STATUS"]
    for _ in range(2):
        payload = await owner.do("sendBackServiceOrder", SHAPE, id=order.id, **send_back)
        assert payload["serviceOrder"]["processing"]["at"] == given.now.isoformat()
        assert await owner.codes("undoProcessing", id=order.id) == []


async def test_of_two_who_process_at_once_one_is_refused(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_PROCESSING)
    owner = client.as_(shop.owner.token)
    answers = await asyncio.gather(
        owner.codes("exchangeServiceOrder", id=order.id, newOrderNumber="P2"),
        owner.codes("repairServiceOrder", id=order.id, report="换屏", **SENT),
        owner.codes("sendBackServiceOrder", id=order.id, **SENT),
    )
    assert sorted(answers) == [[], ["WRONG_STATUS"], ["WRONG_STATUS"]]
    assert (await given.row(order)).version == 2


SHIPMENT = "shipment { goods carrier waybill }"


@pytest.mark.parametrize(
    ("name", "said", "goods"),
    [
        ("exchangeServiceOrder", {"goods": "新耳机", "later": True}, "新耳机"),
        ("exchangeServiceOrder", {"newOrderNumber": "P2"}, "蓝牙耳机"),
        ("repairServiceOrder", {"report": "换屏", "carrier": "SF", "waybill": "?"}, "蓝牙耳机"),
        ("sendBackServiceOrder", {"carrier": "SF", "waybill": "?"}, "蓝牙耳机"),
    ],
)
async def test_the_waybill_of_processed_goods_follows_or_is_corrected(
    client: Client, given: World, name: str, said: dict[str, Any], goods: str
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_PROCESSING)
    owner = client.as_(shop.owner.token)
    shape = f"serviceOrder {{ clock {{ dueAt }} {PROCESSING} }}"
    before = (await owner.do(name, shape, id=order.id, **said))["serviceOrder"]
    for waybill in ("SF1", "SF2"):
        payload = await owner.do(
            "updateShipment", SHAPE, id=order.id, carrier="顺丰", waybill=waybill
        )
        shown = payload["serviceOrder"]
        shipment = {"goods": goods, "carrier": "顺丰", "waybill": waybill}
        assert shown["status"] == "AWAITING_CONFIRMATION"
        assert shown["processing"] == {**before["processing"], "shipment": shipment}
        [event] = shown["timeline"]
        assert event["kind"] == "SHIPMENT_UPDATED"
        assert event["details"]["shipment"]["waybill"] == waybill
    row = await given.row(order)
    assert row.clock_due_at.isoformat() == before["clock"]["dueAt"]
    assert row.review_shipment is None
    assert "goods" in said or row.processing["outbound"]["goods"] is None


async def test_the_waybill_of_a_resend_follows(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    resend = {"resend": {"goods": "新耳机", "later": True, "customerNote": "补发"}}
    assert await owner.codes("reviewServiceOrder", id=order.id, decision=resend) == []
    shape = f"serviceOrder {{ {PROCESSING} review {{ {SHIPMENT} customerNote }} }}"
    payload = await owner.do("updateShipment", shape, id=order.id, **SENT)
    assert payload["serviceOrder"] == {
        "processing": None,
        "review": {"shipment": {"goods": "新耳机", **SENT}, "customerNote": "补发"},
    }
    assert (await given.row(order)).review_shipment == {"goods": "新耳机", **SENT}


async def test_the_waybill_of_a_resend_stays_when_processed_goods_are_shipped(
    client: Client, given: World
) -> None:
    """A customer may object to a resend; what is then processed has a shipment of its own."""
    shop = await given.merchant()
    resent = {"goods": "新耳机", **SENT}
    order = await given.in_status(
        shop,
        Status.AWAITING_PROCESSING,
        last_action=Action.REPORT_UNSOLVED,
        decision=Action.RESEND,
        review_shipment=resent,
    )
    owner = client.as_(shop.owner.token)
    said = {"goods": "又一副", "later": True}
    assert await owner.codes("exchangeServiceOrder", id=order.id, **said) == []
    shape = f"serviceOrder {{ processing {{ {SHIPMENT} }} review {{ {SHIPMENT} }} }}"
    payload = await owner.do("updateShipment", shape, id=order.id, carrier="YTO", waybill="Y1")
    assert payload["serviceOrder"] == {
        "processing": {"shipment": {"goods": "又一副", "carrier": "YTO", "waybill": "Y1"}},
        "review": {"shipment": resent},
    }


THREAD = "thread { kind at customerNote internalNote actor { kind name } toStatus }"


async def unsolved(given: World, shop: Any) -> OrderRef:
    """An order with which the customer was not content."""
    order = await given.in_status(
        shop,
        Status.AWAITING_PROCESSING,
        last_action=Action.REPORT_UNSOLVED,
        version=2,
        customer_version=2,
        processed_at=given.now,
        processing={"action": "REPAIR", "by": "小P", "report": "换屏"},
    )
    await given._add(
        ServiceOrderEvent(
            merchant_id=shop.id,
            service_order_id=order.key,
            sequence=2,
            customer_sequence=2,
            kind=EventKind.REPORTED_UNSOLVED,
            at=given.now,
            actor_kind=ActorKind.CUSTOMER,
            actor_id=0,
            actor_name="customer-1",
            from_status=Status.AWAITING_CONFIRMATION,
            to_status=Status.AWAITING_PROCESSING,
            customer_note="还是不响",
        )
    )
    return order


async def test_customer_and_staff_write_in_one_thread_until_it_is_solved(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await unsolved(given, shop)
    processor = await given.employee(shop, name="小P", roles=["处理组"])
    staff, customer = client.as_(processor.token), client.as_((await given.customer(shop)).token)
    assert await staff.codes("replyToServiceOrder", id=order.id, text="请重启") == []
    assert await customer.codes("replyToServiceOrder", id=order.id, text="还是不响") == []
    assert await staff.codes("addNote", id=order.id, text="难缠") == []
    payload = await staff.do(
        "solveServiceOrder",
        f"serviceOrder {{ status clock {{ kind }} {PROCESSING} {THREAD} }}",
        id=order.id,
        customerNote="已换新线",
    )
    assert await customer.codes("replyToServiceOrder", id=order.id, text="好了") == []
    solved = payload["serviceOrder"]
    assert (solved["status"], solved["clock"]) == (
        "AWAITING_CONFIRMATION",
        {"kind": "CONFIRMATION"},
    )
    assert solved["processing"]["report"] == "换屏"
    query = f"query($id: ID!) {{ serviceOrder(id: $id) {{ {THREAD} {PROCESSING} }} }}"
    seen = await customer.ask(query, id=order.id)
    assert seen["processing"] == {**solved["processing"], "by": {"name": "The merchant"}}
    known = (await staff.ask(query, id=order.id))["thread"]
    assert known[:-1] == solved["thread"]
    assert [one["at"] for one in seen["thread"]] == [one["at"] for one in known]
    messages = [(one["kind"], one["actor"]["kind"], one["customerNote"]) for one in seen["thread"]]
    assert messages == [
        ("REPORTED_UNSOLVED", "CUSTOMER", "还是不响"),
        ("REPLIED", "EMPLOYEE", "请重启"),
        ("REPLIED", "CUSTOMER", "还是不响"),
        ("SOLVED", "EMPLOYEE", "已换新线"),
        ("REPLIED", "CUSTOMER", "好了"),
    ]
    assert {one["internalNote"] for one in seen["thread"]} == {None}
    response = await customer.post({"query": query, "variables": {"id": order.id}})
    assert "难缠" not in response.text


async def test_a_thread_ends_with_its_latest_messages(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = [await unsolved(given, shop) for _ in range(2)]
    owner = client.as_(shop.owner.token)
    query = """query($last: Int!) { serviceOrders(orderBy: APPLIED_AT_ASC) {
      nodes { id thread(last: $last) { customerNote } all: thread { customerNote } } } }"""
    for index, order in enumerate(orders):
        for number in range(3 + index):
            text = f"{index}.{number}"
            assert await owner.codes("replyToServiceOrder", id=order.id, text=text) == []
            assert await owner.codes("addNote", id=order.id, text="内部") == []
    expected = {
        orders[0].id: ["还是不响", "0.0", "0.1", "0.2"],
        orders[1].id: ["还是不响", "1.0", "1.1", "1.2", "1.3"],
    }
    for last in (-1, 1, 2, 4, 5, 100, 2**31 - 1):
        page = await owner.ask(query, last=last)
        for node in page["nodes"]:
            texts = expected[node["id"]]
            assert [one["customerNote"] for one in node["thread"]] == texts[-max(last, 1) :]
            assert [one["customerNote"] for one in node["all"]] == texts


async def test_an_order_without_messages_has_an_empty_thread(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    query = f"query($id: ID!) {{ serviceOrder(id: $id) {{ {THREAD} {PROCESSING} }} }}"
    shown = await client.as_(shop.owner.token).ask(query, id=order.id)
    assert shown == {"thread": [], "processing": None}
