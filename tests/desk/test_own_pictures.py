"""Nobody attaches another customer's picture: every mutation that takes pictures, for each viewer.

The mutations are found in the schema, so that a new one without a case fails here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from graphql import GraphQLInputObjectType, get_named_type
from strawberry import Schema

from domain.permissions import Permission
from domain.statuses import Status
from tests.client import Client
from tests.given import ITEM, OrderRef, Shop, World, jpeg
from tests.steps import guarded_by

pytestmark = pytest.mark.anyio

REF: Final = "c-1"
"""The customer of the orders; c-2 is another customer of the same merchant."""


@dataclass(frozen=True)
class Case:
    """A mutation that customers or storefronts can use: the status it starts from, its input."""

    status: Status | None
    input: Mapping[str, Any]


APPLICATION: Final = {
    "externalRef": "A-1",
    "orderNumber": "P-1",
    "customerRef": REF,
    "customerName": "李小花",
    "customerPhone": "13812345678",
}
CASES: Final[Mapping[str, Case]] = {
    "respondToFeedback": Case(Status.AWAITING_FEEDBACK, {"text": "见图"}),
    "amendServiceOrder": Case(Status.PENDING_REVIEW, {}),
    "submitApplication": Case(None, APPLICATION),
    "submitApplications": Case(None, APPLICATION | {"idempotencyKey": "key"}),
}
BY_STAFF_ALONE: Final = frozenset(
    {
        "reviewServiceOrder",
        "reviewServiceOrders",
        "receiveServiceOrder",
        "receiveServiceOrders",
        "receiveCancelled",
    }
)
"""Mutations of the desk: no customer and no storefront can use them."""


def takes_pictures(kind: object, seen: frozenset[str] = frozenset()) -> bool:
    """Whether an input has pictures, at any depth."""
    named: Any = get_named_type(kind)  # type: ignore[call-overload]  # a type of the schema
    if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
        return False
    fields = named.fields
    return "evidenceIds" in fields or any(
        takes_pictures(field.type, seen | {named.name}) for field in fields.values()
    )


def test_every_mutation_that_takes_pictures_is_tried(schema: Schema) -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    taking = {
        name: guarded_by(field)
        for name, field in mutations.fields.items()
        if any(takes_pictures(argument.type) for argument in field.args.values())
    }
    assert set(taking) == CASES.keys() | BY_STAFF_ALONE, "add a case to CASES, or name it there"
    outside = {Permission.CUSTOMER_ACT, Permission.APPLICATION_SUBMIT}
    for name, permissions in taking.items():
        assert bool(permissions & outside) is (name in CASES), name


async def upload(client: Client, width: int) -> str:
    return str((await client.upload(jpeg(width)))["evidence"]["id"])


async def attach(client: Client, name: str, order: OrderRef | None, *pictures: str) -> list[str]:
    said = dict(CASES[name].input)
    if order is None:
        said["items"] = [ITEM | {"evidenceIds": list(pictures)}]
    else:
        said |= {"id": order.id, "evidenceIds": list(pictures)}
    if name == "submitApplications":
        payload = await client.do(name, "results { refusals { code } }", applications=[said])
        return [refusal["code"] for refusal in payload["results"][0]["refusals"]]
    return await client.codes(name, **said)


async def order_for(given: World, shop: Shop, name: str) -> OrderRef | None:
    status = CASES[name].status
    return None if status is None else await given.in_status(shop, status, customer_ref=REF)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.status])
async def test_a_customer_attaches_their_own_pictures_alone(
    client: Client, given: World, name: str
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await order_for(given, shop, name)
    # The customer, and the customer through another storefront.
    customers = [client.as_((await given.customer(shop, REF)).token) for _ in range(2)]
    strangers = [
        client.as_((await given.customer(shop, "c-2")).token),
        client.as_((await given.connector(shop)).token),
        client.as_(shop.owner.token),
        client.as_((await given.customer(other, REF)).token),
    ]
    own = await upload(customers[0], 10)
    for width, stranger in enumerate(strangers, 11):
        theirs = await upload(stranger, width)
        assert await attach(customers[1], name, order, own, theirs) == ["NOT_FOUND"], width
    assert order is not None
    assert (await given.row(order)).version == 1
    assert await attach(customers[1], name, order, own) == []


@pytest.mark.parametrize("name", ["submitApplication", "submitApplications"])
@pytest.mark.parametrize("viewer", ["a storefront", "the staff"])
async def test_who_submits_for_a_customer_attaches_no_other_customers_picture(
    client: Client, given: World, viewer: str, name: str
) -> None:
    shop = await given.merchant()
    person = await given.connector(shop) if viewer == "a storefront" else shop.owner
    asker = client.as_(person.token)
    own = await upload(asker, 10)
    theirs = await upload(client.as_((await given.customer(shop, REF)).token), 11)
    strangers = await upload(client.as_((await given.customer(shop, "c-2")).token), 12)
    assert await attach(asker, name, None, own, strangers) == ["NOT_FOUND"]
    assert await attach(asker, name, None, own, theirs) == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.status])
async def test_a_storefront_takes_no_step_with_pictures_but_by_its_customers_token(
    client: Client, given: World, name: str
) -> None:
    """With the token issued for one customer it attaches no picture of another."""
    shop = await given.merchant()
    order = await order_for(given, shop, name)
    storefront = client.as_((await given.connector(shop)).token)
    tokens = [
        (await storefront.do("issueCustomerToken", "accessToken", customerRef=ref))["accessToken"]
        for ref in (REF, "c-2")
    ]
    own, theirs = [await upload(client.as_(token), 10 + at) for at, token in enumerate(tokens)]
    assert await attach(storefront, name, order, own) != []
    assert await attach(client.as_(tokens[0]), name, order, theirs) == ["NOT_FOUND"]
    assert await attach(client.as_(tokens[0]), name, order, own) == []
