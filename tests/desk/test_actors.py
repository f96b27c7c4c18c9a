"""Whoever did something is named alike everywhere, and found by the same id as the viewer."""

from typing import Any

import pytest

from domain.permissions import Permission
from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

ACTOR = "{ kind name id }"
QUERY = f"""query($id: ID!) {{ serviceOrder(id: $id) {{
  review {{ reviewer {ACTOR} }} timeline(last: 1) {{ actor {ACTOR} }} }} }}"""


async def test_a_viewer_is_the_actor_of_what_it_did(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    reviewer = client.as_((await given.reviewer(shop)).token)
    viewer = await reviewer.ask("{ viewer { id kind name } }")
    decision: dict[str, Any] = {"approve": {}}
    assert await reviewer.codes("reviewServiceOrder", id=order.id, decision=decision) == []
    seen = await reviewer.ask(QUERY, id=order.id)
    assert seen["review"]["reviewer"] == seen["timeline"][0]["actor"] == viewer
    again = await reviewer.refused("reviewServiceOrder", id=order.id, decision=decision)
    assert again["by"] == {"kind": viewer["kind"], "name": viewer["name"]}
    # The id is that of the employee: filters and `node` take it.
    found = await reviewer.ask(
        "query($id: ID!) { serviceOrders(filter: {reviewerId: $id}) { nodes { id } } }",
        id=viewer["id"],
    )
    assert [node["id"] for node in found["nodes"]] == [order.id]
    owner = client.as_(shop.owner.token)
    node = "query($id: ID!) { node(id: $id) { ... on Employee { name } } }"
    assert (await owner.ask(node, id=viewer["id"]))["name"] == viewer["name"]


async def test_customers_know_no_actor_by_name_or_id(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    assert (await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": {}})) == []
    customer = client.as_((await given.customer(shop, "c-1")).token)
    seen = await customer.ask(QUERY, id=order.id)
    merchant = {"kind": "EMPLOYEE", "name": "The merchant", "id": None}
    assert seen["review"]["reviewer"] == seen["timeline"][0]["actor"] == merchant


async def test_every_kind_of_viewer_has_an_id_of_its_own(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    people = [
        shop.owner,
        other.owner,
        await given.employee(shop),
        await given.platform(),
        await given.connector(shop, [Permission.SERVICE_ORDER_READ]),
        await given.customer(shop, "c-1"),
        await given.customer(shop, "c-2"),
        await given.customer(other, "c-1"),
    ]
    ids = [(await client.as_(person.token).ask("{ viewer { id } }"))["id"] for person in people]
    assert len(set(ids)) == len(people)


async def test_an_application_and_a_merchant_are_found_by_their_ids(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await given.order(shop, customer_ref="c-1")
    application = "query($id: ID!) { application(id: $id) { id serviceOrders { id } } }"
    merchant = "query($id: ID!) { merchant(id: $id) { id name } }"
    customer = client.as_((await given.customer(shop, "c-1")).token)
    for asker in (client.as_(shop.owner.token), customer):
        assert await asker.ask(application, id=order.application_id) == {
            "id": order.application_id,
            "serviceOrders": [{"id": order.id}],
        }
        found = await asker.ask(merchant, id=shop.global_id)
        assert found == {"id": shop.global_id, "name": "京北数码"}
    # Another merchant's, another customer's, and an id of something else: null, as for orders.
    strangers = (other.owner, await given.customer(shop, "c-2"))
    for person in strangers:
        assert await client.as_(person.token).ask(application, id=order.application_id) is None
    assert await client.as_(other.owner.token).ask(merchant, id=shop.global_id) is None
    for query in (application, merchant):
        assert await customer.ask(query, id=order.id) is None
