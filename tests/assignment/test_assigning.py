"""Assigning orders to a colleague, to oneself and to nobody; disabling employees who have some."""

from datetime import timedelta
from typing import Any

import pytest

from doctor import orders as doctor
from domain.actions import Action
from domain.permissions import Permission
from domain.statuses import FINAL, Status
from models.journal.assignment import BATCH
from schema import ids
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import OrderRef, Person, Shop, World

pytestmark = pytest.mark.anyio

RESULTS = """replayed results { index done replayed serviceOrder { id assignee { name } }
  refusals { __typename code message ... on AlreadyAssigned { assignedTo }
    ... on AssigneeNotPermitted { permissions } ... on MissingPermission { permission } } }"""
TIMELINE = """query($id: ID!) { serviceOrder(id: $id) { version assignee { name }
  timeline { sequence kind actor { name } details } } }"""


async def assign(
    client: Client, who: Person, orders: list[OrderRef], assignee: Person | None
) -> list[Any]:
    payload = await client.as_(who.token).do(
        "assignServiceOrders",
        RESULTS,
        ids=[order.id for order in orders],
        assigneeId=assignee and assignee.global_id,
    )
    assert payload["refusals"] == []
    results: list[Any] = payload["results"]
    assert [result["index"] for result in results] == list(range(len(orders)))
    return results


async def findings_of(given: World, shop: Shop) -> list[str]:
    """What the doctor finds about the orders of the shop."""
    async with given.parts.database.read() as connection:
        findings = doctor.examine(connection, shop.id, [], given.now)
        return [finding.line() async for finding in findings]


def codes(results: list[Any]) -> list[list[str]]:
    return [[refusal["code"] for refusal in result["refusals"]] for result in results]


async def test_a_supervisor_assigns_to_a_colleague_and_takes_back(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    supervisor = await given.employee(shop, name="主管", roles=["售后主管"])
    first, second = await given.reviewer(shop, "小A"), await given.reviewer(shop, "小B")
    [order, other] = await given.application(shop, 2)
    for assignee, name in ((first, "小A"), (second, "小B"), (supervisor, "主管"), (None, None)):
        results = await assign(client, supervisor, [order, other], assignee)
        assert [result["done"] for result in results] == [True, True]
        for result in results:
            shown = result["serviceOrder"]["assignee"]
            assert shown == (None if name is None else {"name": name})
    found = await client.as_(supervisor.token).ask(TIMELINE, id=order.id)
    assert [(event["kind"], event["actor"]["name"]) for event in found["timeline"][1:]] == [
        ("ASSIGNED", "主管"),
        ("ASSIGNED", "主管"),
        ("ASSIGNED", "主管"),
        ("RELEASED", "主管"),
    ]
    assert [event["details"] for event in found["timeline"][2::2]] == [
        {
            "assigneeId": str(second.id),
            "assignee": "小B",
            "previousAssigneeId": str(first.id),
            "previousAssignee": "小A",
        },
        {"previousAssigneeId": str(supervisor.id), "previousAssignee": "主管"},
    ]
    assert await findings_of(given, shop) == []


async def test_without_the_permission_one_claims_what_nobody_has_and_releases_ones_own(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    first, second = await given.reviewer(shop, "小A"), await given.reviewer(shop, "小B")
    order = await given.order(shop)
    assert codes(await assign(client, first, [order], second)) == [["MISSING_PERMISSION"]]
    assert codes(await assign(client, first, [order], first)) == [[]]
    [result] = await assign(client, second, [order], second)
    [refusal] = result["refusals"]
    assert (refusal["code"], refusal["assignedTo"]) == ("ALREADY_ASSIGNED", "小A")
    assert refusal["message"] == "The order is already assigned to 小A."
    assert result["serviceOrder"]["assignee"] == {"name": "小A"}
    [result] = await assign(client, second, [order], None)
    assert [refusal["permission"] for refusal in result["refusals"]] == ["ASSIGN"]
    assert codes(await assign(client, first, [order], None)) == [[]]
    assert codes(await assign(client, first, [order], None)) == [["NOT_ASSIGNED"]]
    assert await given.kinds(order) == ["SUBMITTED", "CLAIMED", "RELEASED"]


async def test_each_order_of_a_batch_is_answered_by_itself(client: Client, given: World) -> None:
    shop, elsewhere = await given.merchant(), await given.merchant("别家")
    person = await given.reviewer(shop)
    waiting, mine = await given.order(shop), await given.order(shop, assignee_id=person.id)
    received = await given.in_status(shop, Status.AWAITING_PROCESSING)
    finished = await given.in_status(shop, Status.REJECTED)
    foreign = await given.order(elsewhere)
    orders = [foreign, waiting, mine, received, finished]
    results = await assign(client, shop.owner, orders, person)
    assert codes(results) == [
        ["NOT_FOUND"],
        [],
        ["ALREADY_ASSIGNED"],
        ["ASSIGNEE_NOT_PERMITTED"],
        ["WRONG_STATUS"],
    ]
    assert results[0]["serviceOrder"] is None
    assert results[3]["refusals"][0]["permissions"] == ["PROCESS", "REFUND"]
    assert [(await given.row(order)).version for order in orders] == [1, 2, 1, 1, 1]


async def test_nobody_is_assigned_to_who_is_disabled_or_works_elsewhere(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order, person = await given.order(shop), await given.reviewer(shop)
    stranger = await given.reviewer(await given.merchant("别家"))
    owner = client.as_(shop.owner.token)
    await owner.do("disableEmployee", id=person.global_id)
    assert codes(await assign(client, shop.owner, [order], person)) == [["ASSIGNEE_DISABLED"]]
    unknown = ids.encode("Employee", shop.id, 1)
    for id_ in (stranger.global_id, unknown):
        asked = {"ids": [order.id], "assigneeId": id_}
        refusal = await owner.refused("assignServiceOrders", **asked)
        assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["assigneeId"])
    assert await given.kinds(order) == ["SUBMITTED"]


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_has_one_to_a_hundred_different_orders(
    client: Client, given: World, count: int
) -> None:
    shop = await given.merchant()
    owner, order = client.as_(shop.owner.token), await given.order(shop)
    many = [ids.encode("ServiceOrder", shop.id, number) for number in range(count)]
    for asked in (many, [order.id, order.id]):
        with pytest.raises(Failed) as failed:
            await owner.do("assignServiceOrders", ids=asked, assigneeId=None)
        assert failed.value.code == "BAD_USER_INPUT"


async def test_an_assignment_survives_the_steps_of_the_order(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order, person = await given.order(shop), await given.reviewer(shop)
    await assign(client, shop.owner, [order], person)
    owner = client.as_(shop.owner.token)
    for mutation, asked in (
        ("reviewServiceOrder", {"decision": {"approve": {}}}),
        ("shipServiceOrder", {"carrier": "SF", "waybill": "1"}),
        ("addNote", {"text": "催促"}),
    ):
        clock.pass_(timedelta(hours=1))
        assert await owner.codes(mutation, id=order.id, **asked) == []
        assert (await given.row(order)).assignee_id == person.id
    # It has moved on to a queue on which its assignee does not work, who can still let it go.
    assert codes(await assign(client, person, [order], None)) == [[]]
    assert await findings_of(given, shop) == []


async def test_customers_see_nothing_of_assignments(client: Client, given: World) -> None:
    shop = await given.merchant()
    order, customer = await given.order(shop), await given.customer(shop)
    seen = client.as_(customer.token)
    before = await seen.ask(TIMELINE, id=order.id)
    await assign(client, shop.owner, [order], shop.owner)
    assert await seen.ask(TIMELINE, id=order.id) == before
    for unassigned in (True, False):
        query = f"{{ serviceOrders(filter: {{unassigned: {str(unassigned).lower()}}}) "
        assert await seen.ask(query + "{ nodes { id } } }") == {"nodes": []}


async def test_the_filter_knows_what_nobody_has(client: Client, given: World) -> None:
    shop = await given.merchant()
    free, taken = await given.order(shop), await given.order(shop, assignee_id=shop.owner.id)
    owner = client.as_(shop.owner.token)
    query = "query($f: ServiceOrderFilter) { serviceOrders(filter: $f) { nodes { id } } }"
    for unassigned, expected in ((True, free), (False, taken)):
        found = await owner.ask(query, f={"unassigned": unassigned})
        assert found == {"nodes": [{"id": expected.id}]}


async def test_disabling_an_employee_frees_their_unfinished_orders_and_says_how_many(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BATCH > 100
    monkeypatch.setattr("resolvers.staff.free_orders.BATCH", 2)
    shop = await given.merchant()
    person, other = await given.reviewer(shop, "小A"), await given.reviewer(shop, "小B")
    held = {status: await given.in_status(shop, status) for status in Status}
    for order in held.values():
        await given.take(order, Action.NOTE, assignee_id=person.id)
    kept = await given.order(shop, assignee_id=other.id)
    owner = client.as_(shop.owner.token)
    counted = await owner.ask("{ employees { nodes { name unfinishedOrders } } }")
    assert counted["nodes"] == [
        {"name": "店主", "unfinishedOrders": 0},
        {"name": "小A", "unfinishedOrders": 6},
        {"name": "小B", "unfinishedOrders": 1},
    ]
    shape = "freed employee { disabledAt unfinishedOrders }"
    payload = await owner.do("disableEmployee", shape, id=person.global_id)
    assert payload["freed"] == 6
    assert payload["employee"]["unfinishedOrders"] == 0
    for status, order in held.items():
        row, kinds = await given.row(order), await given.kinds(order)
        assert row.assignee_id == (person.id if status in FINAL else None)
        assert (kinds[-1] == "RELEASED") is (status not in FINAL)
    assert (await given.row(kept)).assignee_id == other.id
    again = await owner.do("disableEmployee", shape, id=person.global_id)
    assert again["freed"] == 0
    found = await owner.ask(TIMELINE, id=held[Status.PENDING_REVIEW].id)
    assert found["timeline"][-1]["actor"] == {"name": "店主"}
    assert found["timeline"][-1]["details"] == {
        "previousAssigneeId": str(person.id),
        "previousAssignee": "小A",
        "cause": "EMPLOYEE_DISABLED",
    }


async def test_an_order_that_comes_back_is_not_left_to_somebody_who_is_disabled(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    gone, here = await given.reviewer(shop, "小A"), await given.reviewer(shop, "小B")
    customer = client.as_((await given.customer(shop)).token)
    owner = client.as_(shop.owner.token)
    orders = []
    for person in (gone, here):
        order = await given.order(shop)
        await assign(client, shop.owner, [order], person)
        resend = {"resend": {"goods": "耳机", "later": True, "customerNote": "补发"}}
        assert await owner.codes("reviewServiceOrder", id=order.id, decision=resend) == []
        assert await customer.codes("confirmServiceOrder", id=order.id) == []
        orders.append(order)
    await owner.do("disableEmployee", id=gone.global_id)
    for order, assignee in zip(orders, (None, here.id), strict=True):
        assert await customer.codes("reportUnsolved", id=order.id, message="坏的") == []
        assert (await given.row(order)).assignee_id == assignee
    assert await findings_of(given, shop) == []


async def test_an_order_that_is_reopened_or_ruled_on_is_not_left_to_somebody_who_is_disabled(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    gone, owner = await given.reviewer(shop, "小A"), client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    platform = client.as_((await given.platform()).token)
    reopened, ruled = await given.order(shop), await given.order(shop)
    for order in (reopened, ruled):
        await assign(client, shop.owner, [order], gone)
        reject = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}
        assert await owner.codes("reviewServiceOrder", id=order.id, decision=reject) == []
    await owner.do("disableEmployee", id=gone.global_id)
    assert await owner.codes("reopenServiceOrder", id=reopened.id, reason="看错了") == []
    assert await customer.codes("escalateServiceOrder", id=ruled.id, reason="不同意") == []
    ruling = {"process": {"remedy": "REFUND", "amount": "1.00", "text": "应退款"}}
    assert await platform.codes("ruleOnServiceOrder", id=ruled.id, ruling=ruling) == []
    for order in (reopened, ruled):
        assert (await given.row(order)).assignee_id is None
    assert await findings_of(given, shop) == []


async def test_a_batch_under_a_key_is_carried_out_once(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders, owner = await given.application(shop, 2), client.as_(shop.owner.token)
    asked = {
        "ids": [order.id for order in orders],
        "assigneeId": shop.owner.global_id,
        "idempotencyKey": "k",
    }
    for replayed in (False, True):
        payload = await owner.do("assignServiceOrders", RESULTS, **asked)
        assert payload["replayed"] is replayed
        assert [result["done"] for result in payload["results"]] == [True, True]
    assert [(await given.row(order)).version for order in orders] == [2, 2]


async def test_the_lifecycle_says_who_may_work_on_an_order(client: Client) -> None:
    query = "{ lifecycle { statuses { status permissions } rules { action permissions } } }"
    lifecycle = await client.ask(query)
    permissions = {line["status"]: line["permissions"] for line in lifecycle["statuses"]}
    assert permissions["AWAITING_PROCESSING"] == [Permission.PROCESS, Permission.REFUND]
    assert permissions["COMPLETED"] == []
    rules = {line["action"]: line["permissions"] for line in lifecycle["rules"]}
    assert rules["CLAIM"] == ["REVIEW", "RECEIVE", "PROCESS", "REFUND"]
    assert rules["AUTO_APPROVE"] == []
