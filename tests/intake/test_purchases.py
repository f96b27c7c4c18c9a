"""Applications of one purchase: no more units than were bought, and what belongs together."""

import asyncio
import hashlib
import json
from typing import Any, Final

import pytest

from domain.addresses import Address
from domain.desk.refunds import RefundStatus
from domain.permissions import Permission
from domain.statuses import Status
from resolvers.applications.submit import Item, Submission
from tests.client import Client
from tests.given import ITEM, Shop, World
from tests.test_races import other, other_parts

__all__ = ["other", "other_parts"]  # fixtures

pytestmark = pytest.mark.anyio

RACES: Final = 3
SHAPE: Final = "replayed application { serviceOrders { number item { purchasedQuantity } } }"


def application(ref: str, *items: dict[str, Any], order_number: str = "P-1") -> dict[str, Any]:
    return {
        "externalRef": ref,
        "orderNumber": order_number,
        "customerRef": "c-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [ITEM | item for item in items or ({"purchasedQuantity": 1},)],
    }


async def storefront(client: Client, given: World, shop: Shop) -> Client:
    return client.as_((await given.connector(shop)).token)


async def test_more_units_than_were_bought_are_refused_with_the_open_orders(
    client: Client, given: World
) -> None:
    asker = await storefront(client, given, await given.merchant())
    bought = {"quantity": 2, "purchasedQuantity": 3}
    payload = await asker.do("submitApplication", SHAPE, **application("A-1", bought))
    [order] = payload["application"]["serviceOrders"]
    assert order["item"] == {"purchasedQuantity": 3}
    refusal = await asker.refused("submitApplication", **application("A-2", bought))
    assert refusal | {"message": None} == {
        "__typename": "QuantityExceeded",
        "code": "QUANTITY_EXCEEDED",
        "message": None,
        "path": ["items", "0", "quantity"],
        "retryable": False,
        "sku": "SKU-1",
        "purchased": 3,
        "alreadyApplied": 2,
        "openOrders": [order["number"]],
    }
    # One unit is left, and the other goods of the purchase are another line.
    others: list[dict[str, Any]] = [
        {"purchasedQuantity": 3},
        {"sku": "SKU-2", "quantity": 2, "purchasedQuantity": 2},
    ]
    assert await asker.codes("submitApplication", **application("A-3", *others)) == []
    # The first reference still answers the first application.
    again = await asker.do("submitApplication", SHAPE, **application("A-1", bought))
    assert (again["refusals"], again["replayed"]) == ([], True)


@pytest.mark.parametrize("status", [Status.REJECTED, Status.CANCELLED])
async def test_a_rejected_or_cancelled_order_gives_its_units_back(
    client: Client, given: World, status: Status
) -> None:
    shop = await given.merchant()
    asker = await storefront(client, given, shop)
    await given.in_status(shop, status, order_number="P-1", sku="SKU-1", purchased_quantity=1)
    assert await asker.codes("submitApplication", **application("A-1")) == []
    assert await asker.codes("submitApplication", **application("A-2")) == ["QUANTITY_EXCEEDED"]


async def test_repaired_goods_can_be_applied_for_again_and_refunded_goods_cannot(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    asker = await storefront(client, given, shop)
    line = {"order_number": "P-1", "sku": "SKU-1"}
    order = await given.in_status(shop, Status.COMPLETED, **line)
    await given.refund(order, status=RefundStatus.FAILED)
    assert await asker.codes("submitApplication", **application("A-1")) == []
    other_line = {"order_number": "P-2", "sku": "SKU-1"}
    await given.refund(await given.in_status(shop, Status.COMPLETED, **other_line))
    refusal = await asker.refused("submitApplication", **application("A-2", order_number="P-2"))
    assert refusal["code"] == "QUANTITY_EXCEEDED"


async def test_without_a_stated_quantity_old_clients_submit_as_before(
    client: Client, given: World
) -> None:
    asker = await storefront(client, given, await given.merchant())
    for ref in ("A-1", "A-2"):
        assert await asker.codes("submitApplication", **application(ref, {"quantity": 9})) == []


@pytest.mark.parametrize("stated", [0, -1, 10_000])
async def test_a_stated_quantity_is_bounded(client: Client, given: World, stated: int) -> None:
    asker = await storefront(client, given, await given.merchant())
    said = application("A-1", {"purchasedQuantity": stated})
    assert await asker.codes("submitApplication", **said) == ["BAD_USER_INPUT"]


async def test_an_amount_that_cannot_have_been_paid_is_refused(
    client: Client, given: World
) -> None:
    asker = await storefront(client, given, await given.merchant())
    said = {"quantity": 2, "unitPrice": "199.00"}
    refusal = await asker.refused(
        "submitApplication", **application("A-1", said | {"paidAmount": "398.01"})
    )
    assert (refusal["code"], refusal["price"]) == ("PAID_ABOVE_PRICE", "398.00")
    assert refusal["path"] == ["items", "0", "paidAmount"]
    accepted = application("A-1", said | {"paidAmount": "398.00"})
    assert await asker.codes("submitApplication", **accepted) == []


@pytest.mark.asked_once
@pytest.mark.parametrize("race", range(RACES))
async def test_of_two_submissions_that_race_for_the_last_unit_one_wins(
    race: int, client: Client, other: Client, given: World
) -> None:
    """Two lines in either order: the locks of the submissions never wait in a circle."""
    shop = await given.merchant()
    token = (await given.connector(shop)).token
    lines = [{"sku": sku, "purchasedQuantity": 1} for sku in ("SKU-1", "SKU-2")]
    asked = [
        server.as_(token).do(
            "submitApplication", **application(f"{name}-{at}", *(lines if at else lines[::-1]))
        )
        for name, server in (("A", client), ("B", other))
        for at in (0, 1)
    ]
    answers = await asyncio.gather(*(asked if race % 2 else reversed(asked)))
    codes = sorted([refusal["code"] for refusal in answer["refusals"]] for answer in answers)
    assert codes == [[], *[["QUANTITY_EXCEEDED"] * 2] * 3]


SIBLINGS: Final = "query($id: ID!) { serviceOrder(id: $id) { siblings { number } } }"


async def test_an_order_shows_the_other_orders_of_its_purchase(
    client: Client, given: World
) -> None:
    shop, elsewhere = await given.merchant(), await given.merchant("另一家")
    purchase = {"order_number": "P-1"}
    mine = await given.application(shop, 2, "c-1", **purchase)
    theirs = await given.order(shop, customer_ref="c-2", **purchase)
    await given.order(shop, order_number="P-2")
    await given.order(elsewhere, **purchase)

    async def siblings(token: str) -> list[str]:
        answer = await client.as_(token).ask(SIBLINGS, id=mine[0].id)
        return [order["number"] for order in answer["siblings"]]

    assert await siblings(shop.owner.token) == [str(mine[1].key), str(theirs.key)]
    assert await siblings((await given.platform()).token) == [str(mine[1].key), str(theirs.key)]
    # A customer sees their own alone.
    assert await siblings((await given.customer(shop, "c-1")).token) == [str(mine[1].key)]


async def test_the_siblings_of_orders_are_the_first_twenty_in_one_statement(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 25, order_number="P-1")
    query = "{ serviceOrders(first: 25) { nodes { number siblings { number } } } }"
    answer = await client.as_(shop.owner.token).ask(query)
    numbers = [str(order.key) for order in orders]
    assert {
        node["number"]: [one["number"] for one in node["siblings"]] for node in answer["nodes"]
    } == {number: [other for other in numbers if other != number][:20] for number in numbers}


async def test_a_storefront_learns_of_no_siblings(client: Client, given: World) -> None:
    shop = await given.merchant()
    await given.order(shop, order_number="P-1")
    scopes = [Permission.APPLICATION_SUBMIT]
    asker = client.as_((await given.connector(shop, scopes)).token)
    shape = "application { serviceOrders { siblings { number } } }"
    payload = await asker.do("submitApplication", shape, **application("A-1"))
    assert payload["application"]["serviceOrders"] == [{"siblings": []}]


def test_the_hash_of_what_older_clients_send_is_as_before() -> None:
    """Otherwise a repeated submission would be refused after an upgrade."""
    codes = {"province_code": "440000", "city_code": "440300", "district_code": "440305"}
    address: dict[str, Any] = {
        "contact": "李",
        "phone": "1",
        "zip": None,
        "detail": "1 号",
        **codes,
    }
    item: dict[str, Any] = {
        "expectation": "RETURN",
        "reason": "QUALITY.BROKEN",
        "description": "碎",
        "pictures": [],
        "logistics_in": "PICKUP",
        "sku": "S",
        "name": "杯",
        "quantity": 1,
        "unit_price": 100,
        "paid_amount": 100,
    }
    content: dict[str, Any] = {
        "external_ref": "A-1",
        "order_number": "P-1",
        "customer_ref": "c-1",
        "customer_name": "李小花",
        "customer_phone": "1",
        "pickup_address": address,
        "items": [item],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    submission = Submission(
        **content
        | {
            "pickup_address": Address.read(address),
            "items": [Item(**item, purchased_quantity=None)],
        }
    )
    assert submission.content_hash == hashlib.sha256(text.encode()).hexdigest()
