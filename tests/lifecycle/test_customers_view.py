"""What a customer sees of an order: a numbering without gaps, and nothing that is internal."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.events import CUSTOMER_DETAILS, INTERNAL
from domain.lifecycle import LIFECYCLE
from domain.permissions import DELEGABLE, Permission
from domain.statuses import Status
from jobs.timers import fire_timers
from models.service_order import events, service_orders
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, Shop, World, jpeg

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
EVERYTHING = """query($id: ID!) { serviceOrder(id: $id) {
  id number version status orderNumber expectation description logisticsIn autoApprovalBlocked
  appliedAt updatedAt finishedAt satisfaction satisfactionComment escalatedAt
  merchant { id name } customer { ref name phone } assignee { id name }
  application { id externalRef customer { name phone } serviceOrders { id version updatedAt } }
  review { decision automatic reviewer { kind name id } at customerNote evidence { id } }
  clock { kind dueAt remaining } reviewClock { dueAt }
  actions { action allowed allowedUntil blockers { code message } }
  timeline { sequence kind at fromStatus toStatus customerNote internalNote details
    explanation { rule } actor { kind name } } } }"""


async def customer_of(client: Client, given: World, shop: Shop, ref: str = "c-1") -> Client:
    return client.as_((await given.customer(shop, ref)).token)


async def internal_events(client: Client, order: OrderRef, times: int = 1) -> None:
    """Staff look at the order, and the customer is not to learn of it."""
    for _ in range(times):
        assert await client.codes("addNote", id=order.id, text="难缠") == []
        assert await client.codes("revealCustomerContact", id=order.id) == []


async def assign(given: World, order: OrderRef, employee_id: int) -> None:
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.update(service_orders)
            .where(service_orders.c.id == order.key)
            .values(assignee_id=employee_id)
        )


async def test_internal_events_change_nothing_that_a_customer_reads(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    before = await customer.ask(EVERYTHING, id=order.id)
    moment = clock.now()
    clock.pass_(HOUR)
    await internal_events(owner, order, 2)
    await assign(given, order, shop.owner.id)
    clock.time = moment  # what is counted from now would differ
    assert await customer.ask(EVERYTHING, id=order.id) == before
    seen = await owner.ask(EVERYTHING, id=order.id)
    assert (before["version"], seen["version"]) == (1, 5)
    assert seen["updatedAt"] == (moment + HOUR).isoformat()
    assert seen["assignee"]["name"] == "店主"


async def test_the_customer_s_numbering_has_no_gaps_and_the_version_is_its_end(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    steps: Sequence[tuple[Client, str, dict[str, Any]]] = [
        (owner, "reviewServiceOrder", {"decision": {"requestFeedback": {"question": "照片?"}}}),
        (customer, "respondToFeedback", {"text": "见图"}),
        (owner, "reviewServiceOrder", {"decision": {"approve": {"customerNote": "请寄回"}}}),
        (customer, "shipServiceOrder", {"carrier": "SF", "waybill": "SF1"}),
    ]
    shape = "serviceOrder { version updatedAt timeline(last: 1) { sequence at } }"
    for number, (asker, name, said) in enumerate(steps, start=2):
        clock.pass_(HOUR)
        await internal_events(owner, order)
        clock.pass_(HOUR)
        at = clock.now().isoformat()
        payload = await asker.do(name, shape, id=order.id, **said)
        sequence = number if asker is customer else (await given.row(order)).version
        assert payload["serviceOrder"] == {
            "version": sequence,
            "updatedAt": at,
            "timeline": [{"sequence": sequence, "at": at}],
        }
        clock.pass_(HOUR)
        await internal_events(owner, order)
        seen = await customer.ask(EVERYTHING, id=order.id)
        assert seen["version"] == number
        assert seen["updatedAt"] == at
        assert [event["sequence"] for event in seen["timeline"]] == [*range(1, number + 1)]
        assert [event["fromStatus"] for event in seen["timeline"][1:]] == [
            event["toStatus"] for event in seen["timeline"][:-1]
        ]
    found = await owner.ask(EVERYTHING, id=order.id)
    assert found["version"] == 5 + 4 * len(steps)
    seen = await customer.ask(EVERYTHING, id=order.id)
    kinds = {event["kind"] for event in found["timeline"]}
    assert kinds - {event["kind"] for event in seen["timeline"]} == {"NOTED", "CONTACT_REVEALED"}


async def test_the_latest_of_a_customer_s_timeline_are_counted_without_internal_events(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 2, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    for order in orders:
        await owner.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
        await internal_events(owner, order, 3)
    query = """query($last: Int!) { serviceOrders { nodes {
      timeline(last: $last) { sequence kind } } } }"""
    both = [{"sequence": 1, "kind": "SUBMITTED"}, {"sequence": 2, "kind": "APPROVED"}]
    for last, expected in ((1, both[1:]), (2, both), (50, both), (0, both[1:])):
        found = await customer.ask(query, last=last)
        assert [node["timeline"] for node in found["nodes"]] == [expected] * 2


async def test_a_customer_s_expected_version_is_the_customer_s_own(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    await internal_events(owner, order)
    refusal = await customer.refused("cancelServiceOrder", id=order.id, expectedVersion=3)
    assert (refusal["code"], refusal["current"]) == ("STALE_VERSION", 1)
    assert "3" not in refusal["message"]
    payload = await customer.do(
        "cancelServiceOrder", "serviceOrder { version }", id=order.id, expectedVersion=1
    )
    assert payload["serviceOrder"] == {"version": 2}
    refusal = await owner.refused("addNote", id=order.id, text="?", expectedVersion=2)
    assert refusal["current"] == 4


async def test_filter_and_order_by_update_know_only_what_the_customer_sees(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    first = await given.order(shop, customer_ref="c-1")
    clock.pass_(HOUR)
    second = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    clock.pass_(HOUR)
    since = clock.now().isoformat()
    await internal_events(owner, first)
    query = """query($filter: ServiceOrderFilter, $order: ServiceOrderOrdering!, $after: String) {
      serviceOrders(filter: $filter, orderBy: $order, first: 1, after: $after) {
        nodes { id } pageInfo { endCursor } totalCount } }"""

    async def listed(asker: Client, order: str, **filters: Any) -> list[str]:
        found, after = [], None
        for _ in range(3):
            page = await asker.ask(query, filter=filters, order=order, after=after)
            found += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if len(found) == page["totalCount"]:
                break
        return found

    assert await listed(owner, "UPDATED_AT_DESC") == [first.id, second.id]
    assert await listed(customer, "UPDATED_AT_DESC") == [second.id, first.id]
    assert await listed(customer, "UPDATED_AT_ASC") == [first.id, second.id]
    updated = {"updated": {"from": since}}
    assert await listed(owner, "APPLIED_AT_ASC", **updated) == [first.id]
    assert await listed(customer, "APPLIED_AT_ASC", **updated) == []
    clock.pass_(HOUR)
    await owner.do("reviewServiceOrder", id=first.id, decision={"approve": {}})
    assert await listed(customer, "APPLIED_AT_ASC", **updated) == [first.id]
    assert await listed(customer, "UPDATED_AT_DESC") == [first.id, second.id]


async def test_a_cursor_of_the_staff_s_ordering_is_none_of_the_customer_s(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    query = """query($after: String) { serviceOrders(orderBy: UPDATED_AT_DESC, after: $after) {
      pageInfo { endCursor } } }"""
    page = await owner.ask(query)
    response = await customer.post(
        {"query": query, "variables": {"after": page["pageInfo"]["endCursor"]}}
    )
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_assignee_is_not_found_by_a_filter_either(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    await assign(given, order, shop.owner.id)
    query = "query($filter: ServiceOrderFilter) { serviceOrders(filter: $filter) { totalCount } }"
    filters = {"assigneeId": shop.owner.global_id}
    customer = await customer_of(client, given, shop)
    assert (await customer.ask(query, filter=filters))["totalCount"] == 0
    assert (await client.as_(shop.owner.token).ask(query, filter=filters))["totalCount"] == 1


async def test_a_customer_sees_the_merchant_instead_of_people(client: Client, given: World) -> None:
    shop = await given.merchant()
    reviewer = client.as_((await given.reviewer(shop, name="审核员老刘")).token)
    customer = await customer_of(client, given, shop)
    orders = await given.application(shop, 2, customer_ref="c-1")
    for asker, order in ((reviewer, orders[0]), (client.as_(shop.owner.token), orders[1])):
        await asker.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
        response = await customer.post({"query": EVERYTHING, "variables": {"id": order.id}})
        for name in ("审核员老刘", "店主", "商城前台"):
            assert name not in response.text
        found = response.json()["data"]["serviceOrder"]
        assert found["review"]["reviewer"]["name"] == "The merchant"
        assert [event["actor"] for event in found["timeline"]] == [
            {"kind": "CONNECTOR", "name": "The shop"},
            {"kind": "EMPLOYEE", "name": "The merchant"},
        ]
    customer.language = "zh-CN"
    found = await customer.ask(EVERYTHING, id=orders[0].id)
    assert found["review"]["reviewer"]["name"] == "商家"
    await customer.do("cancelServiceOrder", id=orders[0].id)
    found = await reviewer.ask(EVERYTHING, id=orders[0].id)
    assert found["review"]["reviewer"]["name"] == "审核员老刘"
    assert [event["actor"]["name"] for event in found["timeline"]] == [
        "商城前台",
        "审核员老刘",
        "c-1",
    ]


async def test_that_the_merchant_has_no_return_address_is_not_the_customer_s_business(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant(address=False)
    order = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    clock.pass_(timedelta(hours=48))
    before = await customer.ask(EVERYTHING, id=order.id)
    assert (await fire_timers(given.parts.database, clock.now())).blocked == 1
    assert await customer.ask(EVERYTHING, id=order.id) == before
    seen = await owner.ask(EVERYTHING, id=order.id)
    assert seen["autoApprovalBlocked"] is True
    assert seen["timeline"][-1]["kind"] == "AUTO_APPROVAL_BLOCKED"


async def test_details_that_are_not_listed_stay_inside(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    await owner.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    query = "query($id: ID!) { serviceOrder(id: $id) { timeline(last: 1) { details } } }"
    [event] = (await customer.ask(query, id=order.id))["timeline"]
    assert list(event["details"]) == ["returnAddress"]
    for stored, seen in (
        ({"carrier": "SF", "risk": "high"}, {"carrier": "SF"}),
        ({"risk": "high"}, None),
        (None, None),
    ):
        async with given.parts.database.write() as connection:
            await connection.execute(
                sa.update(events)
                .where(events.c.service_order_id == order.key, events.c.sequence == 2)
                .values(details=stored)
            )
        assert (await owner.ask(query, id=order.id))["timeline"] == [{"details": stored}]
        assert (await customer.ask(query, id=order.id))["timeline"] == [{"details": seen}]
    assert not {"by", "failure", "paymentRef", "note"} & CUSTOMER_DETAILS


async def test_an_internal_note_never_shows_whatever_event_it_stands_on(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.update(events)
            .where(events.c.service_order_id == order.key)
            .values(internal_note="难缠")
        )
    customer = await customer_of(client, given, shop)
    response = await customer.post({"query": EVERYTHING, "variables": {"id": order.id}})
    assert "难缠" not in response.text


async def test_one_document_answers_staff_and_customers_each_in_their_own_way(
    client: Client, given: World
) -> None:
    """The plans of a document are kept; those for customers are others."""
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    await internal_events(owner, order)
    page = """{ serviceOrders { nodes { version } } }"""
    node = "query($id: ID!) { node(id: $id) { ... on ServiceOrder { version timeline { kind } } } }"
    nodes = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on ServiceOrder { version }
      ... on Application { serviceOrders { version timeline { sequence } } } } }"""
    for _ in range(2):
        for asker, version in ((owner, 3), (customer, 1)):
            assert (await asker.ask(page))["nodes"] == [{"version": version}]
            found = await asker.ask(node, id=order.id)
            assert (found["version"], len(found["timeline"])) == (version, version)
            found = await asker.ask(nodes, ids=[order.id, order.application_id])
            assert found[0] == {"version": version}
            [inner] = found[1]["serviceOrders"]
            assert inner["timeline"] == [{"sequence": at} for at in range(1, version + 1)]
            assert inner["version"] == version
    everyone = client.as_((await given.employee(shop, *sorted(DELEGABLE))).token)
    assert (await everyone.ask(page))["nodes"] == [{"version": 3}]


async def test_every_event_that_is_not_internal_has_a_number_of_the_customer_s(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    await internal_events(owner, order)
    await customer.do("cancelServiceOrder", id=order.id)
    async with given.parts.database.read() as connection:
        rows = await connection.execute(
            sa.select(events.c.kind, events.c.customer_sequence).order_by(events.c.sequence)
        )
        numbered = [(row.kind in INTERNAL, row.customer_sequence) for row in rows]
    assert numbered == [(False, 1), (True, None), (True, None), (False, 2)]


# What may be done next


async def test_a_customer_lists_their_orders_with_what_may_be_done_next(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customer = await customer_of(client, given, shop)
    orders = {status: await given.in_status(shop, status, customer_ref="c-1") for status in Status}
    await given.order(shop, customer_ref="c-2")
    query = """{ serviceOrders(orderBy: APPLIED_AT_ASC) { totalCount nodes {
      id status actions { action allowed allowedUntil blockers { code } } } } }"""
    found = await customer.ask(query)
    assert found["totalCount"] == len(orders)
    mine = {rule.action for rule in LIFECYCLE.values() if rule.customer}
    for node in found["nodes"]:
        assert orders[node["status"]].id == node["id"]
        assert {one["action"] for one in node["actions"]} == mine
        allowed = {one["action"] for one in node["actions"] if one["allowed"]}
        assert allowed == {action for action in mine if node["status"] in LIFECYCLE[action].sources}
        codes = {blocker["code"] for one in node["actions"] for blocker in one["blockers"]}
        assert codes <= {"WRONG_STATUS", "REFUND_PENDING", "ALREADY_ESCALATED", "DEADLINE_PASSED"}


async def test_a_suspended_merchant_changes_nothing_of_what_its_customers_may_do(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_CONFIRMATION, customer_ref="c-1")
    customer = await customer_of(client, given, shop)
    query = "query($id: ID!) { serviceOrder(id: $id) { actions { action allowed } } }"
    before = await customer.ask(query, id=order.id)
    platform = client.as_((await given.platform(Permission.ENROLMENT_REVIEW)).token)
    codes = await platform.codes("suspendMerchant", merchantId=shop.global_id, reason="?")
    assert codes == []
    assert await customer.ask(query, id=order.id) == before
    assert await customer.codes("confirmServiceOrder", id=order.id) == []


async def test_pictures_are_read_on_the_order_alone(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner, customer = client.as_(shop.owner.token), await customer_of(client, given, shop)
    order = await given.order(shop, customer_ref="c-1")
    photo = (await owner.upload(jpeg(40)))["evidence"]["id"]
    await owner.do("reviewServiceOrder", id=order.id, decision={"approve": {}}, evidenceIds=[photo])
    found = await customer.ask(EVERYTHING, id=order.id)
    assert found["review"]["evidence"] == [{"id": photo}]  # it explains the decision
    response = await customer.post(
        {"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": photo}}
    )
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
