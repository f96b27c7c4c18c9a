"""Payloads lead to the counters of the desk, which are counted only if they are selected."""

import pytest
from graphql import GraphQLObjectType
from sqlalchemy import Engine, event
from strawberry import Schema

from domain.permissions import Permission
from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

SHAPE = "queueSummary { review { waiting } autoApprovalBlocked }"


async def test_a_payload_has_the_counters_after_the_mutation(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = [await given.order(shop) for _ in range(3)]
    desk = client.as_((await given.reviewer(shop)).token)
    reject = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}
    shape = f"serviceOrder {{ status }} {SHAPE}"
    payload = await desk.do("reviewServiceOrder", shape, id=orders[0].id, decision=reject)
    assert payload["serviceOrder"] == {"status": "REJECTED"}
    assert payload["queueSummary"] == {"review": {"waiting": 2}, "autoApprovalBlocked": 0}
    refused = await desk.do("reviewServiceOrder", SHAPE, id=orders[0].id, decision=reject)
    assert refused["refusals"]
    assert refused["queueSummary"] == payload["queueSummary"]
    batch = {"ids": [order.id for order in orders[1:]], "decision": reject}
    payload = await desk.do("reviewServiceOrders", f"results {{ done }} {SHAPE}", **batch)
    assert payload["queueSummary"]["review"] == {"waiting": 0}


async def test_the_counters_are_not_for_those_who_may_not_read_orders(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    blind = client.as_((await given.employee(shop, Permission.REVIEW)).token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    payload = await customer.do("cancelServiceOrder", SHAPE, id=order.id, reason="不想退了")
    assert (payload["refusals"], payload["queueSummary"]) == ([], None)
    payload = await blind.do("reviewServiceOrder", SHAPE, id=order.id, decision={"approve": {}})
    assert payload["queueSummary"] is None


@pytest.mark.asked_once
async def test_nothing_is_counted_that_is_not_selected(client: Client, given: World) -> None:
    shop = await given.merchant()
    desk = client.as_((await given.reviewer(shop)).token)
    counted: list[str] = []

    def note(_connection: object, _cursor: object, text: str, *_: object) -> None:
        if "past_target" in text:
            counted.append(text)

    order = await given.order(shop)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        await desk.do("addNote", "serviceOrder { id }", id=order.id, text="催促")
        assert counted == []
        await desk.do("addNote", SHAPE, id=order.id, text="催促")
        assert len(counted) == 1
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_every_mutation_that_deletes_returns_the_id(schema: Schema) -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    deleting = {name: field.type for name, field in mutation.fields.items() if "delete" in name}
    assert len(deleting) >= 4
    for name, type_ in deleting.items():
        payload = getattr(type_, "of_type", type_)
        assert isinstance(payload, GraphQLObjectType)
        assert "deletedId" in payload.fields, name
