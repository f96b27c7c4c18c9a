"""What a customer does after applying: amend, correct the waybill, confirm, object, escalate."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.actions import Action
from domain.desk.evidence import MAX_PICTURES
from domain.lifecycle import LIFECYCLE, UNSOLVED_WINDOW
from domain.permissions import Permission
from domain.statuses import FINAL, Status
from models.application import applications
from models.idempotency import idempotency_keys
from models.service_order import events
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ADDRESS, OrderRef, Shop, World, jpeg

pytestmark = pytest.mark.anyio

STEPS: dict[Action, tuple[str, dict[str, Any]]] = {
    Action.AMEND: ("amendServiceOrder", {"contact": {"name": "李大花"}}),
    Action.CORRECT_WAYBILL: ("correctWaybill", {"carrier": "YTO", "waybill": "Y1"}),
    Action.CONFIRM: ("confirmServiceOrder", {"satisfaction": 4, "comment": "还行"}),
    Action.REPORT_UNSOLVED: ("reportUnsolved", {"message": "还是坏的"}),
    Action.ESCALATE: ("escalateServiceOrder", {"reason": "谈不拢"}),
}
STAFF = {Action.CORRECT_WAYBILL, Action.ESCALATE}
"""The steps that staff can take too."""

each = pytest.mark.parametrize("action", STEPS)
EVENT = "timeline(last: 1) { kind customerNote details actor { kind name } fromStatus toStatus }"


async def customer_of(client: Client, given: World, shop: Shop, ref: str = "c-1") -> Client:
    return client.as_((await given.customer(shop, ref)).token)


async def upload(client: Client, width: int) -> str:
    return str((await client.upload(jpeg(width)))["evidence"]["id"])


async def contact(given: World, order: OrderRef) -> Any:
    async with given.parts.database.read() as connection:
        rows = await connection.execute(
            sa.select(applications).where(applications.c.id == order.application_key)
        )
        return rows.one()


@each
async def test_a_step_is_taken_in_its_statuses_and_refused_in_all_others(
    client: Client, given: World, action: Action
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    (name, said), rule = STEPS[action], LIFECYCLE[action]
    for status in Status:
        order = await given.in_status(shop, status, customer_ref="c-1")
        payload = await customer.do(name, f"serviceOrder {{ status {EVENT} }}", id=order.id, **said)
        if status in rule.sources:
            assert payload["refusals"] == []
            assert payload["serviceOrder"]["status"] == (rule.target or status)
            [event] = payload["serviceOrder"]["timeline"]
            assert (event["fromStatus"], event["actor"]["kind"]) == (status, "CUSTOMER")
            row = await given.row(order)
            assert (row.version, row.customer_version) == (2, 2)
        else:
            [refusal] = payload["refusals"]
            assert (refusal["code"], refusal["status"]) == ("WRONG_STATUS", status)
            assert set(refusal["allowedFrom"]) == rule.sources
            assert (await given.row(order)).version == 1


@each
async def test_the_order_of_somebody_else_or_of_another_merchant_is_not_found(
    client: Client, given: World, action: Action
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    name, said = STEPS[action]
    status = min(LIFECYCLE[action].sources)
    order = await given.in_status(shop, status, customer_ref="c-1")
    askers = [
        await customer_of(client, given, shop, "c-2"),
        await customer_of(client, given, other, "c-1"),
    ]
    if action in STAFF:
        askers.append(client.as_(other.owner.token))
    for asker in askers:
        assert await asker.codes(name, id=order.id, **said) == ["NOT_FOUND"]
    storefront = client.as_((await given.connector(shop)).token)
    assert await storefront.codes(name, id=order.id, **said) == ["NOT_YOURS"]
    expected = [] if action in STAFF else ["FORBIDDEN"]
    assert (await given.row(order)).version == 1
    assert (await contact(given, order)).customer_name == "李小花"
    assert await client.as_(shop.owner.token).codes(name, id=order.id, **said) == expected


@each
async def test_a_step_needs_the_version_that_the_customer_has_read(
    client: Client, given: World, action: Action
) -> None:
    shop = await given.merchant()
    customer, owner = await customer_of(client, given, shop), client.as_(shop.owner.token)
    name, said = STEPS[action]
    status = min(LIFECYCLE[action].sources)
    order = await given.in_status(shop, status, customer_ref="c-1")
    await owner.do("addNote", id=order.id, text="催促")
    refusal = await customer.refused(name, id=order.id, expectedVersion=2, **said)
    assert (refusal["code"], refusal["current"]) == ("STALE_VERSION", 1)
    assert await customer.codes(name, id=order.id, expectedVersion=1, **said) == []


# Amending


async def test_pictures_are_added_to_those_that_were_given_up_to_three(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    photos = [await upload(customer, 10 + index) for index in range(4)]
    order = await given.order(shop, customer_ref="c-1")
    shape = f"serviceOrder {{ pictures {{ id }} {EVENT} }}"
    payload = await customer.do("amendServiceOrder", shape, id=order.id, evidenceIds=photos[:2])
    found = payload["serviceOrder"]
    assert [picture["id"] for picture in found["pictures"]] == photos[:2]
    assert found["timeline"][0]["kind"] == "AMENDED"
    added = [picture["sha256"] for picture in found["timeline"][0]["details"]["pictures"]]
    assert [ids.encode("Evidence", shop.id, sha256) for sha256 in added] == photos[:2]
    refusal = await customer.refused("amendServiceOrder", id=order.id, evidenceIds=photos[2:])
    assert (refusal["code"], refusal["limit"], refusal["found"]) == (
        "TOO_MANY_PICTURES",
        MAX_PICTURES,
        4,
    )
    assert refusal["path"] == ["evidenceIds"]
    assert (await given.row(order)).version == 2
    # One that is there already does not count twice.
    payload = await customer.do("amendServiceOrder", shape, id=order.id, evidenceIds=photos[1:3])
    assert [picture["id"] for picture in payload["serviceOrder"]["pictures"]] == photos[:3]
    [event] = payload["serviceOrder"]["timeline"]
    assert len(event["details"]["pictures"]) == 1


async def test_only_one_s_own_pictures_can_be_added(client: Client, given: World) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    neighbour = await customer_of(client, given, shop, "c-2")
    order = await given.order(shop, customer_ref="c-1")
    for uploader in (neighbour, client.as_(shop.owner.token)):
        photo = await upload(uploader, 20)
        refusal = await customer.refused("amendServiceOrder", id=order.id, evidenceIds=[photo])
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Evidence")
    assert (await given.row(order)).version == 1


async def test_a_corrected_contact_holds_for_the_application_and_stands_in_no_event(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customer, owner = await customer_of(client, given, shop), client.as_(shop.owner.token)
    order, sibling = await given.application(shop, 2, customer_ref="c-1")
    other = await given.order(shop, customer_ref="c-1")
    name, phone = "赵秘密", "13987654321"
    shape = f"serviceOrder {{ customer {{ name phone }} {EVENT} }}"
    payload = await customer.do(
        "amendServiceOrder", shape, id=order.id, contact={"name": name, "phone": phone}
    )
    assert payload["serviceOrder"]["customer"] == {"name": "赵**", "phone": "139****4321"}
    [event] = payload["serviceOrder"]["timeline"]
    assert (event["kind"], event["details"]) == ("AMENDED", {"contact": ["name", "phone"]})
    revealed = "contact { name phone address { detail } }"
    for one in (order, sibling):
        found = await owner.do("revealCustomerContact", revealed, id=one.id)
        assert found["contact"] == {"name": name, "phone": phone, "address": None}
    assert (await contact(given, other)).customer_phone == "13812345678"
    assert (await given.row(sibling)).version == 2  # the reveal alone
    payload = await customer.do(
        "amendServiceOrder", shape, id=sibling.id, contact={"address": ADDRESS}
    )
    assert payload["serviceOrder"]["timeline"][0]["details"] == {"contact": ["address"]}
    found = await owner.do("revealCustomerContact", revealed, id=order.id)
    assert found["contact"] == {
        "name": name,
        "phone": phone,
        "address": {"detail": ADDRESS["detail"]},
    }
    async with given.parts.database.read() as connection:
        stored = [
            *(await connection.execute(sa.select(events))).all(),
            *(await connection.execute(sa.select(idempotency_keys))).all(),
        ]
    for secret in (name, phone, ADDRESS["detail"]):
        assert secret not in repr(stored)


async def test_a_contact_and_pictures_go_together_or_not_at_all(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    photos = [await upload(customer, 10 + index) for index in range(4)]
    order = await given.order(shop, customer_ref="c-1")
    await customer.do("amendServiceOrder", id=order.id, evidenceIds=photos[:1])
    said = {"id": order.id, "contact": {"name": "王"}}
    key = {"idempotencyKey": "one"}
    assert await customer.codes("amendServiceOrder", evidenceIds=photos[1:], **said, **key) == [
        "TOO_MANY_PICTURES"
    ]
    assert (await contact(given, order)).customer_name == "李小花"
    for replayed in (False, True):
        payload = await customer.do(
            "amendServiceOrder",
            "replayed serviceOrder { version pictures { id } }",
            evidenceIds=photos[1:3],
            **said,
            **key,
        )
        assert payload["replayed"] is replayed
        assert payload["serviceOrder"] == {
            "version": 3,
            "pictures": [{"id": photo} for photo in photos[:3]],
        }
    assert (await contact(given, order)).customer_name == "王"


async def test_nothing_to_amend_and_a_bad_address_are_refused(client: Client, given: World) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    order = await given.order(shop, customer_ref="c-1")
    empty: list[dict[str, Any]] = [
        {},
        {"evidenceIds": []},
        {"contact": {}},
        {"contact": {"name": " ", "phone": None}},
    ]
    for said in [*empty, {"contact": {"name": "字" * 65}}, {"contact": {"phone": "1" * 33}}]:
        assert await customer.codes("amendServiceOrder", id=order.id, **said) == ["BAD_USER_INPUT"]
    incomplete = {"contact": {"address": ADDRESS | {"contact": " "}}}
    refusal = await customer.refused("amendServiceOrder", id=order.id, **incomplete)
    assert (refusal["code"], refusal["path"]) == ("INCOMPLETE_ADDRESS", ["contact", "address"])
    assert (await given.row(order)).version == 1


async def test_an_amendment_leaves_the_clocks_as_they_are(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    order = await given.order(shop, customer_ref="c-1")
    before = await given.row(order)
    clock.pass_(timedelta(hours=3))
    assert await customer.codes("amendServiceOrder", id=order.id, contact={"name": "王"}) == []
    after = await given.row(order)
    assert (after.clock_due_at, after.review_due_at) == (before.clock_due_at, before.review_due_at)
    assert after.last_action == before.last_action


# The waybill


async def test_a_waybill_is_corrected_by_customer_or_staff_until_receipt_and_keeps_the_freight(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    receiver = await given.employee(shop, Permission.RECEIVE, Permission.SERVICE_ORDER_READ)
    inbound = {"carrier": "SF", "waybill": "S1", "freight": 1200}
    for asker in (await customer_of(client, given, shop), client.as_(receiver.token)):
        for stored in (inbound, None):
            order = await given.in_status(
                shop, Status.AWAITING_RECEIPT, customer_ref="c-1", inbound=stored
            )
            payload = await asker.do(
                "correctWaybill",
                f"serviceOrder {{ status {EVENT} }}",
                id=order.id,
                carrier="YTO",
                waybill="Y1",
            )
            [event] = payload["serviceOrder"]["timeline"]
            corrected = {"carrier": "YTO", "waybill": "Y1"}
            assert (event["kind"], event["details"]) == ("WAYBILL_CORRECTED", corrected)
            freight = stored and stored["freight"]
            assert (await given.row(order)).inbound == {**corrected, "freight": freight}
    order = await given.in_status(shop, Status.AWAITING_RECEIPT)
    assert await client.as_(receiver.token).codes(
        "correctWaybill", id=order.id, carrier=" ", waybill="1"
    ) == ["BAD_USER_INPUT"]


# The outcome


async def test_a_confirmation_completes_the_order_with_the_rating(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customer, owner = await customer_of(client, given, shop), client.as_(shop.owner.token)
    shape = f"serviceOrder {{ status finishedAt satisfaction satisfactionComment {EVENT} }}"
    ratings: list[tuple[int | None, str | None]] = [
        (5, "很好"),
        (1, None),
        (None, "好"),
        (None, None),
    ]
    for satisfaction, comment in ratings:
        order = await given.in_status(shop, Status.AWAITING_CONFIRMATION, customer_ref="c-1")
        payload = await customer.do(
            "confirmServiceOrder", shape, id=order.id, satisfaction=satisfaction, comment=comment
        )
        found = payload["serviceOrder"]
        assert (found["status"], found["finishedAt"]) == ("COMPLETED", given.now.isoformat())
        assert (found["satisfaction"], found["satisfactionComment"]) == (satisfaction, comment)
        [event] = found["timeline"]
        assert (event["kind"], event["customerNote"]) == ("CONFIRMED", comment)
        assert event["details"] == (satisfaction and {"satisfaction": satisfaction})
        query = "query($id: ID!) { serviceOrder(id: $id) { satisfaction satisfactionComment } }"
        seen = await owner.ask(query, id=order.id)
        assert seen == {"satisfaction": satisfaction, "satisfactionComment": comment}
    order = await given.in_status(shop, Status.AWAITING_CONFIRMATION, customer_ref="c-1")
    for rating in (0, 6, -1):
        assert await customer.codes("confirmServiceOrder", id=order.id, satisfaction=rating) == [
            "BAD_USER_INPUT"
        ]


async def test_nothing_is_confirmed_while_a_refund_is_pending(client: Client, given: World) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    order = await given.in_status(
        shop, Status.AWAITING_CONFIRMATION, customer_ref="c-1", pending_refunds=1
    )
    assert await customer.codes("confirmServiceOrder", id=order.id) == ["REFUND_PENDING"]
    # An objection is possible: the payment may go on meanwhile.
    assert await customer.codes("reportUnsolved", id=order.id, message="少退了") == []


async def test_an_objection_is_possible_for_15_days_after_completion(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    for late in (timedelta(), timedelta(microseconds=1)):
        order = await given.in_status(shop, Status.COMPLETED, customer_ref="c-1")
        finished_at = clock.now()
        clock.pass_(UNSOLVED_WINDOW + late)
        payload = await customer.do(
            "reportUnsolved",
            f"serviceOrder {{ status finishedAt clock {{ kind }} {EVENT} }}",
            id=order.id,
            message="还是坏的",
        )
        if late:
            assert [refusal["code"] for refusal in payload["refusals"]] == ["DEADLINE_PASSED"]
            assert (await given.row(order)).finished_at == finished_at
            continue
        found = payload["serviceOrder"]
        assert (found["status"], found["finishedAt"]) == ("AWAITING_PROCESSING", None)
        assert found["clock"] == {"kind": "PROCESSING"}
        [event] = found["timeline"]
        assert (event["kind"], event["customerNote"]) == ("REPORTED_UNSOLVED", "还是坏的")


async def test_an_objection_may_follow_a_confirmation_and_be_followed_by_another(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    order = await given.in_status(shop, Status.AWAITING_CONFIRMATION, customer_ref="c-1")
    assert await customer.codes("confirmServiceOrder", id=order.id, satisfaction=5) == []
    assert await customer.codes("confirmServiceOrder", id=order.id) == ["WRONG_STATUS"]
    assert await customer.codes("reportUnsolved", id=order.id, message="又坏了") == []
    assert await customer.codes("reportUnsolved", id=order.id, message="又坏了") == ["WRONG_STATUS"]
    assert (
        await client.as_(shop.owner.token).codes("closeServiceOrder", id=order.id, reason="已协商")
        == []
    )
    assert await customer.codes("reportUnsolved", id=order.id, message="没有协商") == []


async def test_an_order_is_escalated_once_by_its_customer_or_by_staff(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    processor = await given.employee(shop, Permission.PROCESS, Permission.SERVICE_ORDER_READ)
    staff = client.as_(processor.token)
    for first, second, kind in ((customer, staff, "CUSTOMER"), (staff, customer, "EMPLOYEE")):
        order = await given.in_status(shop, Status.AWAITING_PROCESSING, customer_ref="c-1")
        before = await given.row(order)
        clock.pass_(timedelta(hours=1))
        at = clock.now()
        payload = await first.do(
            "escalateServiceOrder",
            f"serviceOrder {{ status escalatedAt {EVENT} }}",
            id=order.id,
            reason="谈不拢",
        )
        found = payload["serviceOrder"]
        assert (found["status"], found["escalatedAt"]) == ("AWAITING_PROCESSING", at.isoformat())
        [event] = found["timeline"]
        assert (event["kind"], event["customerNote"]) == ("ESCALATED", "谈不拢")
        assert event["actor"]["kind"] == kind
        row = await given.row(order)
        assert (row.clock_due_at, row.last_action) == (before.clock_due_at, before.last_action)
        clock.pass_(timedelta(hours=1))
        shape = "refusals { ... on AlreadyEscalated { at } }"
        payload = await second.do("escalateServiceOrder", shape, id=order.id, reason="我也要")
        [refusal] = payload["refusals"]
        assert (refusal["code"], refusal["at"]) == ("ALREADY_ESCALATED", at.isoformat())
    order = await given.in_status(shop, Status.AWAITING_PROCESSING)
    reader = client.as_((await given.reviewer(shop)).token)
    codes = await reader.codes("escalateServiceOrder", id=order.id, reason="?")
    assert codes == ["FORBIDDEN"]


# Waiting for the customer


async def test_while_the_customer_is_asked_staff_can_decide_or_ask_again(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    reviewer = client.as_((await given.reviewer(shop)).token)
    decisions: list[tuple[dict[str, Any], str]] = [
        ({"approve": {"customerNote": "不必了, 请寄回"}}, "AWAITING_SHIPMENT"),
        ({"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}, "REJECTED"),
        ({"requestFeedback": {"question": "还有一张?"}}, "AWAITING_FEEDBACK"),
        ({"recordGiveUp": {"customerNote": "不退了"}}, "CANCELLED"),
    ]
    question = {"requestFeedback": {"question": "照片?"}}
    shape = "serviceOrder { status review { decision customerNote } clock { dueAt } }"
    for decision, status in decisions:
        order = await given.order(shop)
        await reviewer.do("reviewServiceOrder", id=order.id, decision=question)
        clock.pass_(timedelta(days=2))
        payload = await reviewer.do("reviewServiceOrder", shape, id=order.id, decision=decision)
        assert payload["refusals"] == []
        found = payload["serviceOrder"]
        assert found["status"] == status
        if status in FINAL:
            assert found["clock"] is None
        else:
            due = clock.now() + timedelta(days=7)
            assert found["clock"]["dueAt"] == due.isoformat()
    order = await given.order(shop)
    await reviewer.do("reviewServiceOrder", id=order.id, decision=question)
    resend = {"resend": {"goods": "耳机", "later": True, "customerNote": "补发"}}
    codes = await reviewer.codes("reviewServiceOrder", id=order.id, decision=resend)
    assert codes == ["ALREADY_DECIDED"]


async def test_a_batch_decides_what_waits_for_customers_too(client: Client, given: World) -> None:
    shop = await given.merchant()
    reviewer = client.as_((await given.reviewer(shop)).token)
    orders = await given.application(shop, 2)
    question = {"requestFeedback": {"question": "照片?"}}
    await reviewer.do("reviewServiceOrder", id=orders[0].id, decision=question)
    payload = await reviewer.do(
        "reviewServiceOrders",
        "results { done serviceOrder { status } }",
        ids=[order.id for order in orders],
        decision={"approve": {}},
    )
    assert (
        payload["results"] == [{"done": True, "serviceOrder": {"status": "AWAITING_SHIPMENT"}}] * 2
    )


async def test_an_answer_by_phone_is_recorded_in_the_name_of_who_records_it(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    reviewer = client.as_((await given.reviewer(shop, name="小R")).token)
    customer = await customer_of(client, given, shop)
    photo = await upload(reviewer, 30)
    order = await given.order(shop, customer_ref="c-1")
    question = {"requestFeedback": {"question": "哪里坏了?"}}
    clock.pass_(timedelta(hours=47))
    await reviewer.do("reviewServiceOrder", id=order.id, decision=question)
    clock.pass_(timedelta(hours=5))
    shape = f"serviceOrder {{ status reviewClock {{ remaining }} {EVENT} }}"
    payload = await reviewer.do(
        "respondToFeedback", shape, id=order.id, text="来电: 左耳无声", evidenceIds=[photo]
    )
    found = payload["serviceOrder"]
    # An hour was left; the merchant has four to read it.
    assert (found["status"], found["reviewClock"]) == ("PENDING_REVIEW", {"remaining": 4 * 3600})
    [event] = found["timeline"]
    assert (event["kind"], event["customerNote"]) == ("RESPONDED", "来电: 左耳无声")
    assert event["actor"] == {"kind": "EMPLOYEE", "name": "小R"}
    assert len(event["details"]["pictures"]) == 1
    query = f"query($id: ID!) {{ serviceOrder(id: $id) {{ {EVENT} }} }}"
    [seen] = (await customer.ask(query, id=order.id))["timeline"]
    assert seen["actor"] == {"kind": "EMPLOYEE", "name": "The merchant"}
    assert await customer.codes("respondToFeedback", id=order.id, text="好") == ["WRONG_STATUS"]
