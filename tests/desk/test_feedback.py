"""Asking the customer: the review clock rests, and goes on with exactly what was left."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.clocks import REVIEW_GRACE
from jobs.timers import fire_timers
from tests.client import Client
from tests.conftest import NOON, StoppedClock
from tests.given import OrderRef, World, jpeg

pytestmark = pytest.mark.anyio

CLOCKS = """query($id: ID!) { serviceOrder(id: $id) { status
  clock { kind dueAt pausedSince remaining consequence }
  reviewClock { kind startedAt dueAt pausedSince remaining } } }"""
QUESTION = {"requestFeedback": {"question": "请补充照片"}}


def at(time: timedelta) -> str:
    return (NOON + time).isoformat()


async def ask_customer(client: Client, order: OrderRef) -> None:
    codes = await client.codes("reviewServiceOrder", id=order.id, decision=QUESTION)
    assert codes == []


async def test_the_clock_goes_on_with_exactly_what_was_left(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    passed = timedelta(hours=13, minutes=7, seconds=29, milliseconds=250)
    left = timedelta(hours=48) - passed
    clock.pass_(passed)
    await ask_customer(owner, order)
    found = await owner.ask(CLOCKS, id=order.id)
    assert found["status"] == "AWAITING_FEEDBACK"
    assert found["clock"] == {
        "kind": "FEEDBACK",
        "dueAt": at(passed + timedelta(days=7)),
        "pausedSince": None,
        "remaining": 7 * 24 * 3600,
        "consequence": "EXPIRE_FEEDBACK",
    }
    resting = {
        "kind": "REVIEW",
        "startedAt": at(timedelta()),
        "dueAt": None,
        "pausedSince": at(passed),
        "remaining": left // timedelta(seconds=1),
    }
    assert found["reviewClock"] == resting
    waited = timedelta(days=3, seconds=1)
    clock.pass_(waited)
    assert (await owner.ask(CLOCKS, id=order.id))["reviewClock"] == resting
    assert await customer.codes("respondToFeedback", id=order.id, text="见附件") == []
    found = await owner.ask(CLOCKS, id=order.id)
    assert found["status"] == "PENDING_REVIEW"
    due = at(timedelta(hours=48) + waited)
    assert found["reviewClock"] == {**resting, "dueAt": due, "pausedSince": None}
    assert found["clock"]["dueAt"] == due
    # Not a moment before is it approved, and then the explanation has the pause.
    clock.pass_(left - timedelta(milliseconds=1))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    clock.pass_(timedelta(milliseconds=1))
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    query = """query($id: ID!) { serviceOrder(id: $id) { timeline(last: 1) {
      explanation { startedAt dueAt ranAt pauses { startAt endAt } } } } }"""
    [event] = (await owner.ask(query, id=order.id))["timeline"]
    assert event["explanation"] == {
        "startedAt": at(timedelta()),
        "dueAt": due,
        "ranAt": due,
        "pauses": [{"startAt": at(passed), "endAt": at(passed + waited)}],
    }


async def test_nothing_is_approved_while_the_customer_is_asked(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    clock.pass_(timedelta(hours=47, minutes=59))
    await ask_customer(client.as_(shop.owner.token), order)
    clock.pass_(timedelta(days=7) - timedelta(microseconds=1))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    clock.pass_(timedelta(days=365))
    assert (await fire_timers(given.parts.database, clock.now())).approved == 0
    assert (await given.row(order)).status == "CANCELLED"


async def test_asked_twice_the_pauses_add_up(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    for _ in range(2):
        clock.pass_(timedelta(hours=10))
        await ask_customer(owner, order)
        clock.pass_(timedelta(hours=30))
        assert await customer.codes("respondToFeedback", id=order.id, text="好") == []
    found = await owner.ask(CLOCKS, id=order.id)
    assert found["reviewClock"]["remaining"] == 28 * 3600
    assert found["reviewClock"]["dueAt"] == at(timedelta(hours=48 + 60))


async def test_what_was_overdue_when_it_was_asked_is_due_four_hours_after_the_answer(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    clock.pass_(timedelta(hours=50))
    await ask_customer(owner, order)
    assert (await owner.ask(CLOCKS, id=order.id))["reviewClock"]["remaining"] == 0
    clock.pass_(timedelta(hours=5))
    assert await customer.codes("respondToFeedback", id=order.id, text="好") == []
    found = await owner.ask(CLOCKS, id=order.id)
    assert found["reviewClock"]["dueAt"] == (clock.now() + REVIEW_GRACE).isoformat()
    assert found["reviewClock"]["remaining"] == 4 * 3600
    clock.pass_(REVIEW_GRACE - timedelta(microseconds=1))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    clock.pass_(timedelta(microseconds=1))
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    query = """query($id: ID!) { serviceOrder(id: $id) { timeline(last: 1) {
      explanation { rule ruleVersion grace pauses { startAt endAt } } } } }"""
    [event] = (await owner.ask(query, id=order.id))["timeline"]
    assert event["explanation"] == {
        "rule": "REVIEW_WINDOW_48H",
        "ruleVersion": 1,
        "grace": 6 * 3600,  # two hours overdue, and the four
        "pauses": [{"startAt": at(timedelta(hours=50)), "endAt": at(timedelta(hours=55))}],
    }


async def test_an_answer_is_text_or_pictures_or_both(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    photos = [(await customer.upload(jpeg(width)))["evidence"]["id"] for width in (10, 11, 12, 13)]
    order = await given.order(shop)
    await ask_customer(owner, order)
    empty: list[dict[str, Any]] = [{}, {"text": ""}, {"text": " "}, {"text": None}]
    for said in [*empty, {"text": "字" * 501}, {"text": "字" * 501, "evidenceIds": photos[:1]}]:
        codes = await customer.codes("respondToFeedback", id=order.id, **said)
        assert codes == ["BAD_USER_INPUT"]
    codes = await customer.codes("respondToFeedback", id=order.id, evidenceIds=photos)
    assert codes == ["TOO_MANY_PICTURES"]
    shape = "serviceOrder { status timeline(last: 1) { kind customerNote details } }"
    answers: list[tuple[dict[str, Any], str | None, int]] = [
        ({"text": "好"}, "好", 0),
        ({"evidenceIds": photos[:3]}, None, 3),
        ({"text": "见图", "evidenceIds": photos[:1]}, "见图", 1),
    ]
    for said, note, pictures in answers:
        order = await given.order(shop)
        await ask_customer(owner, order)
        payload = await customer.do("respondToFeedback", shape, id=order.id, **said)
        assert payload["serviceOrder"]["status"] == "PENDING_REVIEW"
        [event] = payload["serviceOrder"]["timeline"]
        assert (event["kind"], event["customerNote"]) == ("RESPONDED", note)
        assert len((event["details"] or {"pictures": []})["pictures"]) == pictures


async def test_only_the_customer_who_was_asked_or_a_reviewer_may_answer(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await given.order(shop, customer_ref="customer-1")
    await ask_customer(client.as_(shop.owner.token), order)
    neighbour = client.as_((await given.customer(shop, "customer-2")).token)
    elsewhere = client.as_((await given.customer(other, "customer-1")).token)
    storefront = client.as_((await given.connector(shop)).token)
    said = {"id": order.id, "text": "好"}
    assert await neighbour.codes("respondToFeedback", **said) == ["NOT_FOUND"]
    assert await elsewhere.codes("respondToFeedback", **said) == ["NOT_FOUND"]
    assert await storefront.codes("respondToFeedback", **said) == ["NOT_YOURS"]
    processor = client.as_((await given.employee(shop, roles=["处理组"])).token)
    assert await processor.codes("respondToFeedback", **said) == ["FORBIDDEN"]
    assert (await given.row(order)).status == "AWAITING_FEEDBACK"


async def test_after_the_answer_somebody_decides_and_the_question_is_no_longer_the_decision(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    await ask_customer(owner, order)
    clock.pass_(timedelta(hours=1))
    await customer.do("respondToFeedback", id=order.id, text="好")
    asked_again = await owner.refused(
        "reviewServiceOrder", id=order.id, decision=QUESTION, expectedVersion=2
    )
    assert asked_again["code"] == "STALE_VERSION"
    shape = "serviceOrder { status review { decision at customerNote } }"
    payload = await owner.do(
        "reviewServiceOrder", shape, id=order.id, decision={"approve": {}}, expectedVersion=3
    )
    review = payload["serviceOrder"]["review"]
    assert (review["decision"], review["customerNote"]) == ("APPROVE", None)
    assert datetime.fromisoformat(review["at"]) == clock.now()


async def test_a_customer_who_gives_up_while_asked_is_recorded(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    await ask_customer(owner, order)
    shape = "serviceOrder { status clock { kind } reviewClock { kind } }"
    payload = await owner.do(
        "reviewServiceOrder",
        shape,
        id=order.id,
        decision={"recordGiveUp": {"customerNote": "不退了"}},
    )
    assert payload["refusals"] == []
    assert payload["serviceOrder"] == {"status": "CANCELLED", "clock": None, "reviewClock": None}
