"""Mistakes that are mended: a rejection, an approval, its address, and waybills that follow."""

from datetime import timedelta
from typing import Any, Final

import pytest

from doctor.examine import examine
from doctor.finding import Finding
from domain.actions import Action
from domain.clocks import REVIEW_WINDOW
from domain.lifecycle import REOPENING_WINDOW
from domain.permissions import Permission
from domain.statuses import Status
from jobs.timers import fire_timers
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ADDRESS, OrderRef, World
from tests.steps import WAYS

pytestmark = pytest.mark.anyio

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
MICROSECOND: Final = timedelta(microseconds=1)
ORDER: Final = """serviceOrder { version status review { decision } clock { dueAt }
  reviewClock { startedAt dueAt } }"""
LAST: Final = """query($id: ID!) { serviceOrder(id: $id) { status review { decision }
  timeline(last: 1) { kind at customerNote internalNote details actor { name }
    explanation { startedAt pauses { startAt endAt } grace dueAt ranAt } } } }"""
SHIPMENT: Final = """serviceOrder { processing { action shipment { goods carrier waybill } }
  review { shipment { goods carrier waybill } } }"""


async def take(client: Client, order: OrderRef, action: Action, **changed: Any) -> list[str]:
    way = WAYS[action]
    return await client.codes(way.mutation, id=order.id, **{**way.input, **changed})


async def findings(given: World) -> list[str]:
    """What the doctor finds."""
    found = list[Finding]()
    async with given.parts.database.read() as connection:
        await examine(connection, given.parts.pictures, given.now, found.append)
    return [finding.line() for finding in found if not finding.is_note]


async def test_a_rejection_is_taken_back_with_a_new_clock_and_the_reason_stays_inside(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    reviewer = client.as_((await given.reviewer(shop)).token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    assert await take(reviewer, order, Action.REJECT) == []
    clock.pass_(REOPENING_WINDOW)
    at = clock.now()
    payload = await reviewer.do(
        "reopenServiceOrder", ORDER, id=order.id, reason="看错了", customerNote="重新审核"
    )
    assert payload["serviceOrder"] == {
        "version": 3,
        "status": "PENDING_REVIEW",
        "review": None,
        "clock": {"dueAt": (at + REVIEW_WINDOW).isoformat()},
        "reviewClock": {
            "startedAt": at.isoformat(),
            "dueAt": (at + REVIEW_WINDOW).isoformat(),
        },
    }
    [event] = (await reviewer.ask(LAST, id=order.id))["timeline"]
    assert (event["kind"], event["internalNote"]) == ("REOPENED", "看错了")
    [event] = (await customer.ask(LAST, id=order.id))["timeline"]
    assert (event["kind"], event["customerNote"]) == ("REOPENED", "重新审核")
    assert (event["internalNote"], event["actor"]["name"]) == (None, "The merchant")
    clock.pass_(REVIEW_WINDOW - MICROSECOND)
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    clock.pass_(MICROSECOND)
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    [event] = (await reviewer.ask(LAST, id=order.id))["timeline"]
    assert event["explanation"] == {
        "startedAt": at.isoformat(),
        "pauses": [],
        "grace": 0,
        "dueAt": (at + REVIEW_WINDOW).isoformat(),
        "ranAt": clock.now().isoformat(),
    }
    assert await findings(given) == []


async def test_a_rejection_is_taken_back_once_and_within_7_days(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    order, late = [await given.order(shop) for _ in range(2)]
    for one in (order, late):
        assert await take(owner, one, Action.REJECT) == []
    assert await take(owner, order, Action.REOPEN) == []
    assert await take(owner, order, Action.REOPEN) == ["WRONG_STATUS", "ALREADY_REOPENED"]
    assert await take(owner, order, Action.REJECT) == []
    refusal = await owner.refused("reopenServiceOrder", id=order.id, reason="又错了")
    assert refusal["code"] == "ALREADY_REOPENED"
    clock.pass_(REOPENING_WINDOW + MICROSECOND)
    refusal = await owner.refused("reopenServiceOrder", id=late.id, reason="看错了")
    assert refusal["code"] == "DEADLINE_PASSED"
    assert (await given.row(order)).status is Status.REJECTED
    assert await findings(given) == []


async def test_an_approval_is_withdrawn_with_exactly_what_was_left_of_the_clock(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    started = clock.now()
    clock.pass_(REVIEW_WINDOW - HOUR)
    approved = clock.now()
    assert await take(owner, order, Action.APPROVE) == []
    clock.pass_(3 * DAY)
    withdrawn = clock.now()
    payload = await owner.do("withdrawApproval", ORDER, id=order.id, reason="点错了")
    due = (withdrawn + HOUR).isoformat()  # the hour that was left, and no grace
    assert payload["serviceOrder"] == {
        "version": 3,
        "status": "PENDING_REVIEW",
        "review": None,
        "clock": {"dueAt": due},
        "reviewClock": {"startedAt": started.isoformat(), "dueAt": due},
    }
    row = await given.row(order)
    assert (row.decided_at, row.review_address, row.review_address_rule) == (None, None, None)
    # Approving and withdrawing again and again gains nothing.
    assert await take(owner, order, Action.APPROVE) == []
    assert await take(owner, order, Action.WITHDRAW_APPROVAL) == []
    assert (await given.row(order)).clock_due_at.isoformat() == due
    clock.pass_(HOUR)
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    [event] = (await owner.ask(LAST, id=order.id))["timeline"]
    assert event["explanation"] == {
        "startedAt": started.isoformat(),
        "pauses": [
            {"startAt": approved.isoformat(), "endAt": withdrawn.isoformat()},
            {"startAt": withdrawn.isoformat(), "endAt": withdrawn.isoformat()},
        ],
        "grace": 0,
        "dueAt": due,
        "ranAt": due,
    }
    assert await findings(given) == []


async def test_an_approval_of_a_question_gives_back_what_was_left_when_it_was_asked(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    clock.pass_(REVIEW_WINDOW - HOUR)
    for action in (Action.REQUEST_FEEDBACK, Action.APPROVE, Action.WITHDRAW_APPROVAL):
        assert await take(owner, order, action) == []
        clock.pass_(DAY)
    assert (await given.row(order)).clock_due_at == clock.now() - DAY + HOUR
    assert await findings(given) == []


async def test_a_pause_window_counts_once_however_often_an_approval_is_withdrawn(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    platform = client.as_((await given.platform(Permission.CALENDAR_MANAGE)).token)
    start, end = clock.now() + 40 * HOUR, clock.now() + 60 * HOUR
    window = {"startAt": start.isoformat(), "endAt": end.isoformat()}
    assert await platform.codes("declarePauseWindow", name="国庆", **window) == []
    clock.pass_(38 * HOUR)
    assert await take(owner, order, Action.APPROVE) == []  # 10 hours left, 2 before the pause
    clock.pass_(12 * HOUR)
    assert await take(owner, order, Action.WITHDRAW_APPROVAL) == []
    assert (await given.row(order)).clock_due_at == end + 10 * HOUR
    assert await findings(given) == []


async def test_what_the_system_approved_or_a_person_too_late_stands(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    automatic, late, asked_late = [await given.order(shop) for _ in range(3)]
    clock.pass_(REVIEW_WINDOW)
    assert await take(owner, late, Action.APPROVE) == []
    for action in (Action.REQUEST_FEEDBACK, Action.APPROVE):
        assert await take(owner, asked_late, action) == []
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    reason = {"reason": "点错了"}
    refusal = await owner.refused("withdrawApproval", id=automatic.id, **reason)
    assert (refusal["code"], refusal["at"]) == ("APPROVED_BY_SYSTEM", clock.now().isoformat())
    for order in (late, asked_late):
        refusal = await owner.refused("withdrawApproval", id=order.id, **reason)
        assert refusal["code"] == "NO_REVIEW_TIME_LEFT"
    owner.language = "zh-CN"
    refusal = await owner.refused("withdrawApproval", id=late.id, **reason)
    assert refusal["message"] == "同意时审核时限已过, 不能撤回"


async def test_a_decision_that_was_taken_back_no_longer_counts_as_one(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    for decision, back in (
        (Action.REJECT, Action.REOPEN),
        (Action.APPROVE, Action.WITHDRAW_APPROVAL),
    ):
        order = await given.order(shop, customer_ref="c-1")
        for action in (decision, back):
            assert await take(owner, order, action) == []
        assert await take(customer, order, Action.CANCEL) == []
        assert await take(owner, order, Action.APPROVE) == ["WRONG_STATUS"]
        found = await customer.ask(LAST, id=order.id)
        assert (found["status"], found["review"]) == ("CANCELLED", None)
    assert await findings(given) == []


async def test_goods_that_are_on_their_way_keep_their_approval_and_its_address(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_RECEIPT)
    owner = client.as_(shop.owner.token)
    for action in (Action.WITHDRAW_APPROVAL, Action.CHANGE_RETURN_ADDRESS):
        assert await take(owner, order, action) == ["WRONG_STATUS"]


async def test_the_address_of_an_approval_is_changed_and_the_customer_is_told(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    assert await take(owner, order, Action.APPROVE) == []
    saved = await owner.do(
        "saveReturnAddress", "returnAddress { id }", address=ADDRESS | {"detail": "新仓库"}
    )
    shape = "serviceOrder { review { decision returnAddress { detail } returnAddressRule } }"
    chosen = {"returnAddressId": saved["returnAddress"]["id"], "customerNote": "换仓库了"}
    payload = await owner.do("changeReturnAddress", shape, id=order.id, **chosen)
    assert payload["serviceOrder"]["review"] == {
        "decision": "APPROVE",
        "returnAddress": {"detail": "新仓库"},
        "returnAddressRule": "CHOSEN",
    }
    [event] = (await customer.ask(LAST, id=order.id))["timeline"]
    assert (event["kind"], event["customerNote"]) == ("RETURN_ADDRESS_CHANGED", "换仓库了")
    assert list(event["details"]) == ["returnAddress"]
    assert event["details"]["returnAddress"]["detail"] == "新仓库"
    payload = await owner.do("changeReturnAddress", shape, id=order.id)
    assert payload["serviceOrder"]["review"]["returnAddressRule"] == "DEFAULT"
    other = await given.merchant("别家")
    foreign = ids.encode("ReturnAddress", other.id, other.address_id)
    refusal = await owner.refused("changeReturnAddress", id=order.id, returnAddressId=foreign)
    assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["returnAddressId"])
    assert await findings(given) == []


SENDING: Final = {
    "a resend that was to follow": (Action.RESEND,),
    "a resend and a refund": (Action.RESEND, Action.REFUND),
    "a resend that solved nothing": (Action.RESEND, Action.REPORT_UNSOLVED),
    "a resend and a solution": (Action.RESEND, Action.REPORT_UNSOLVED, Action.SOLVE),
    "a resend that was confirmed": (Action.RESEND, Action.CONFIRM),
    "an exchange that was to follow": (Action.EXCHANGE,),
    "an exchange and two refunds": (Action.EXCHANGE, Action.REFUND, Action.REFUND),
    "a repair and a refund": (Action.REPAIR, Action.REFUND),
    "goods that went back": (Action.SEND_BACK, Action.REPORT_UNSOLVED),
}


@pytest.mark.parametrize("case", SENDING)
async def test_the_waybill_of_what_was_sent_is_added_and_corrected_whatever_followed(
    client: Client, given: World, case: str
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    staff = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    actions = SENDING[case]
    if actions[0] is not Action.RESEND:
        for action in (Action.APPROVE, Action.SHIP, Action.RECEIVE):
            assert await take(staff, order, action) == []
    for action in actions:
        is_customer = action in (Action.REPORT_UNSOLVED, Action.CONFIRM)
        changed: dict[str, Any] = {}
        if action is Action.EXCHANGE:
            changed = {"newOrderNumber": None, "goods": "新耳机", "later": True}
        assert await take(customer if is_customer else staff, order, action, **changed) == []
    for waybill in ("SF1", "SF2"):
        payload = await staff.do(
            "updateShipment", SHIPMENT, id=order.id, carrier="顺丰", waybill=waybill
        )
        assert payload["refusals"] == []
        found = payload["serviceOrder"]
        block = found["review"] if actions[0] is Action.RESEND else found["processing"]
        assert (block["shipment"]["carrier"], block["shipment"]["waybill"]) == ("顺丰", waybill)
    assert await findings(given) == []


async def test_nothing_to_correct_is_said_where_nothing_was_sent(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    for action in (Action.APPROVE, Action.SHIP, Action.RECEIVE, Action.REFUND):
        assert await take(owner, order, action) == []
    assert await take(owner, order, Action.UPDATE_SHIPMENT) == ["NOTHING_SENT"]
    sent = await given.order(shop)
    for action in (Action.APPROVE, Action.SHIP, Action.RECEIVE, Action.EXCHANGE, Action.UNDO):
        assert await take(owner, sent, action) == []
    assert await take(owner, sent, Action.UPDATE_SHIPMENT) == ["NOTHING_SENT"]
    assert await findings(given) == []


async def test_a_wrong_last_step_says_which_was_expected(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    for action in (Action.APPROVE, Action.SHIP, Action.RECEIVE, Action.REFUND):
        assert await take(owner, order, action) == []
    refusal = await owner.refused("undoProcessing", id=order.id)
    assert (refusal["code"], refusal["expected"]) == (
        "WRONG_LAST_STEP",
        ["EXCHANGE", "SEND_BACK"],
    )
