"""The timeline: every change once, in order, and as much of it as was asked for."""

from datetime import timedelta
from typing import Any

import pytest

from domain.statuses import Status
from schema.types.timeline import MAX_TIMELINE
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import RECEIPT, World

pytestmark = pytest.mark.anyio


async def test_every_change_is_one_event_and_the_version_counts_them(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    steps: list[tuple[Client, str, dict[str, Any]]] = [
        (owner, "reviewServiceOrder", {"decision": {"requestFeedback": {"question": "照片?"}}}),
        (customer, "respondToFeedback", {"text": "见图"}),
        (owner, "addNote", {"text": "已看图"}),
        (owner, "reviewServiceOrder", {"decision": {"approve": {"customerNote": "请寄回"}}}),
        (customer, "shipServiceOrder", {"carrier": "SF", "waybill": "SF1"}),
        (owner, "receiveServiceOrder", {**RECEIPT, "remark": "少一根线"}),
        (owner, "closeServiceOrder", {"reason": "已协商"}),
    ]
    for asker, name, said in steps:
        clock.pass_(timedelta(minutes=10))
        assert await asker.codes(name, id=order.id, **said) == []
    query = """query($id: ID!) { serviceOrder(id: $id) { version updatedAt finishedAt
      timeline { sequence kind at actor { kind name } fromStatus toStatus
        customerNote internalNote details explanation { rule } } } }"""
    found = await owner.ask(query, id=order.id)
    timeline = found["timeline"]
    assert found["version"] == len(timeline) == len(steps) + 1
    assert [one["sequence"] for one in timeline] == list(range(1, len(timeline) + 1))
    assert found["updatedAt"] == found["finishedAt"] == timeline[-1]["at"]
    assert [one["at"] for one in timeline] == [
        (given.now - timedelta(minutes=10 * left)).isoformat() for left in range(len(steps), -1, -1)
    ]
    assert [
        (one["kind"], one["toStatus"], one["actor"]["kind"], one["customerNote"])
        for one in timeline
    ] == [
        ("SUBMITTED", "PENDING_REVIEW", "CONNECTOR", None),
        ("FEEDBACK_REQUESTED", "AWAITING_FEEDBACK", "MAIN_ACCOUNT", "照片?"),
        ("RESPONDED", "PENDING_REVIEW", "CUSTOMER", "见图"),
        ("NOTED", "PENDING_REVIEW", "MAIN_ACCOUNT", None),
        ("APPROVED", "AWAITING_SHIPMENT", "MAIN_ACCOUNT", "请寄回"),
        ("SHIPPED", "AWAITING_RECEIPT", "CUSTOMER", None),
        ("RECEIVED", "AWAITING_PROCESSING", "MAIN_ACCOUNT", None),
        ("CLOSED", "COMPLETED", "MAIN_ACCOUNT", "已协商"),
    ]
    assert [one["fromStatus"] for one in timeline] == [
        None,
        *[one["toStatus"] for one in timeline[:-1]],
    ]
    assert [one["internalNote"] for one in timeline] == [None] * 3 + ["已看图"] + [None] * 4
    assert timeline[5]["details"] == {"carrier": "SF", "waybill": "SF1"}
    found = timeline[6]["details"]
    assert found["packing"] == {"finding": "INTACT", "remark": None}
    assert (found["receivedQuantity"], found["goods"]) == (1, "AS_APPLIED")
    assert found["remark"] == "少一根线"
    assert [one["explanation"] for one in timeline] == [None] * len(timeline)


async def test_only_the_latest_are_answered_and_still_the_first_of_them_first(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order, other = await given.order(shop), await given.order(shop)
    owner = client.as_(shop.owner.token)
    for at in range(4):
        await owner.do("addNote", id=order.id, text=str(at))
    await owner.do("addNote", id=other.id, text="别的")
    query = """query($last: Int!) { serviceOrders(orderBy: APPLIED_AT_ASC) { nodes {
      timeline(last: $last) { sequence internalNote } } } }"""
    for last, expected in ((1, [5]), (2, [4, 5]), (5, [1, 2, 3, 4, 5]), (50, [1, 2, 3, 4, 5])):
        found = await owner.ask(query, last=last)
        [mine, theirs] = [node["timeline"] for node in found["nodes"]]
        assert [one["sequence"] for one in mine] == expected
        assert [one["sequence"] for one in theirs] == [1, 2][-min(last, 2) :]
    for odd, count in ((0, 1), (-5, 1), (MAX_TIMELINE + 1, 5), (2**31 - 1, 5)):
        found = await owner.ask(query, last=odd)
        assert len(found["nodes"][0]["timeline"]) == count


async def test_the_long_timeline_is_cut_at_a_hundred(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    for _ in range(MAX_TIMELINE + 4):
        await owner.do("addNote", id=order.id, text="好")
    query = """query($id: ID!) { serviceOrder(id: $id) {
      short: timeline { sequence } long: timeline(last: 1000) { sequence } } }"""
    found = await owner.ask(query, id=order.id)
    assert [one["sequence"] for one in found["long"]] == list(range(6, 106))
    assert [one["sequence"] for one in found["short"]] == list(range(56, 106))
    page = """query($id: ID!, $before: Int) { serviceOrder(id: $id) {
      timeline(last: 60, before: $before) { sequence } } }"""
    pages: list[int] = []
    before: int | None = None
    while before != 1:
        found = (await owner.ask(page, id=order.id, before=before))["timeline"]
        pages = [one["sequence"] for one in found] + pages
        before = pages[0]
    assert pages == list(range(1, 106))
    for odd, expected in ((2**31 - 1, 60), (107, 60), (1, 0), (0, 0), (-(2**31), 0)):
        found = (await owner.ask(page, id=order.id, before=odd))["timeline"]
        assert len(found) == expected, odd


async def test_customers_page_through_the_events_that_they_see(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_SHIPMENT, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    await owner.do("addNote", id=order.id, text="内部")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    await customer.do("cancelServiceOrder", id=order.id, reason="不想退了")
    query = """query($id: ID!, $before: Int) { serviceOrder(id: $id) { version
      timeline(last: 1, before: $before) { sequence kind } } }"""
    found = await customer.ask(query, id=order.id)
    version = found["version"]
    assert found["timeline"] == [{"sequence": version, "kind": "CANCELLED"}]
    earlier = (await customer.ask(query, id=order.id, before=version))["timeline"]
    assert [one["sequence"] for one in earlier] == [version - 1]
    assert earlier[0]["kind"] != "NOTED"
