"""A batch under a key that comes again does what is left of it, and answers the rest again."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.refusals.repeating import IdempotencyKeyReused
from domain.statuses import Status
from models.idempotency import idempotency_keys
from models.merchant import return_addresses
from schema import ids
from tests.client import Client
from tests.desk.test_batch import PLAN
from tests.desk.test_idempotency import KEY, REJECT, RESULTS, codes, count
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio


def batch(orders: list[OrderRef], **said: Any) -> dict[str, Any]:
    wanted = {"ids": [order.id for order in orders], "decision": REJECT, "idempotencyKey": KEY}
    return wanted | said


def outcome(payload: Any) -> list[str | tuple[str, bool]]:
    """Of each order, whether it was done now or before, or why not."""
    assert codes(payload) == []
    assert [one["index"] for one in payload["results"]] == list(range(len(payload["results"])))
    assert all(one["done"] or not one["replayed"] for one in payload["results"])
    return [
        one["refusals"][0]["code"] if not one["done"] else "before" if one["replayed"] else "now"
        for one in payload["results"]
    ]


def later(order: OrderRef) -> dict[str, Any]:
    """The input that decides the order only after its next change."""
    return {"expectedVersions": [{"id": order.id, "version": 2}]}


async def change(client: Client, shop: Shop, order: OrderRef) -> None:
    owner = client.as_(shop.owner.token)
    assert await owner.codes("addNote", id=order.id, text="催促") == []


async def versions(given: World, orders: list[OrderRef]) -> list[int]:
    return [(await given.row(order)).version for order in orders]


async def test_only_what_was_refused_is_tried_again(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    orders = [await given.order(shop) for _ in range(3)]
    said = batch(orders, **later(orders[1]))
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (False, ["now", "STALE_VERSION", "now"])
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (
        True,
        ["before", "STALE_VERSION", "before"],
    )
    assert await versions(given, orders) == [2, 1, 2]
    await change(client, shop, orders[1])
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (True, ["before", "now", "before"])
    assert await versions(given, orders) == [2, 3, 2]
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (True, ["before"] * 3)
    assert await versions(given, orders) == [2, 3, 2]


async def test_the_orders_of_a_batch_are_answered_in_its_order_as_they_are_now(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = (await given.application(shop, 4))[::-1]
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    said = batch(orders, decision={"approve": {}})
    await owner.do("reviewServiceOrders", RESULTS, **said)
    await customer.do("cancelServiceOrder", id=orders[1].id)
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert [one["serviceOrder"]["id"] for one in payload["results"]] == said["ids"]
    assert [one["serviceOrder"]["status"] for one in payload["results"]] == [
        "AWAITING_SHIPMENT",
        "CANCELLED",
        "AWAITING_SHIPMENT",
        "AWAITING_SHIPMENT",
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"atomic": True},
        {"decision": {"recordGiveUp": {"customerNote": "不退了"}}},
        {"planToken": "x"},
        {"ids": 1},
        {"ids": -1},
    ],
    ids=str,
)
async def test_another_batch_needs_another_key(
    client: Client, given: World, other: dict[str, Any]
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 3)
    owner = client.as_(shop.owner.token)
    said = batch(orders)
    await owner.do("reviewServiceOrders", RESULTS, **said)
    if "ids" in other:  # fewer of them, or in another order
        other = {"ids": said["ids"][: other["ids"]] if other["ids"] > 0 else said["ids"][::-1]}
    payload = await owner.do("reviewServiceOrders", RESULTS, **said | other)
    assert codes(payload) == [IdempotencyKeyReused.code()]
    assert payload["results"] == []
    assert await versions(given, orders) == [2, 2, 2]


@pytest.mark.parametrize("atomic", [False, True])
async def test_a_batch_of_which_nothing_was_done_leaves_its_key_free(
    client: Client, given: World, atomic: bool
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    orders = [await given.order(shop)]
    expected = ["STALE_VERSION"]
    if atomic:
        orders.append(await given.order(shop))
        expected.append("OTHER_REFUSED")
    said = batch(orders, atomic=atomic, **later(orders[0]))
    for _ in range(2):
        payload = await owner.do("reviewServiceOrders", RESULTS, **said)
        assert (payload["replayed"], outcome(payload)) == (False, expected)
        assert await count(given, idempotency_keys) == 0
    await change(client, shop, orders[0])
    for replayed in (False, True):
        payload = await owner.do("reviewServiceOrders", RESULTS, **said)
        assert payload["replayed"] is replayed
        assert outcome(payload) == ["before" if replayed else "now"] * len(orders)


async def test_a_batch_that_was_refused_whole_leaves_its_key_free(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    orders = [await given.order(shop) for _ in range(2)]
    payload = await owner.do(
        "reviewServiceOrders", RESULTS, **batch(orders, decision={"approve": {}})
    )
    assert codes(payload) == ["DIFFERENT_APPLICATIONS"]
    payload = await owner.do("reviewServiceOrders", RESULTS, **batch(orders))
    assert (payload["replayed"], outcome(payload)) == (False, ["now", "now"])


async def test_a_plan_holds_for_what_it_showed_and_is_not_asked_about_again(
    client: Client, given: World
) -> None:
    """What was decided has changed the orders, so that the token does not fit them any more."""
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    orders = [await given.order(shop) for _ in range(2)]
    said = batch(orders, **later(orders[1]))
    planned = {name: value for name, value in said.items() if name != "idempotencyKey"}
    plan = await owner.ask(PLAN, input=planned)
    said |= {"planToken": plan["planToken"]}
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (False, ["now", "STALE_VERSION"])
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (True, ["before", "STALE_VERSION"])
    await change(client, shop, orders[1])
    # The plan said that this one would be refused: nothing else is done in its name.
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (True, ["before", "PLAN_CHANGED"])
    assert await versions(given, orders) == [2, 2]


async def test_a_plan_that_no_longer_holds_leaves_the_key_free(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    orders = [await given.order(shop)]
    said = batch(orders)
    plan = await owner.ask(PLAN, input={"ids": said["ids"], "decision": REJECT})
    await owner.do("addNote", id=orders[0].id, text="催促")
    payload = await owner.do("reviewServiceOrders", RESULTS, planToken=plan["planToken"], **said)
    assert codes(payload) == ["PLAN_CHANGED"]
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert outcome(payload) == ["now"]


async def test_what_the_rest_refers_to_may_be_gone_and_what_is_done_is_answered_still(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    orders = await given.application(shop, 2)
    address = await given.return_address(shop.id, is_default=False)
    where = {"returnAddressId": ids.encode("ReturnAddress", shop.id, address)}
    said = batch(orders, decision={"approve": where}, **later(orders[1]))
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert outcome(payload) == ["now", "STALE_VERSION"]
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.delete(return_addresses).where(return_addresses.c.id == address)
        )
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert outcome(payload) == ["before", "NOT_FOUND"]


async def test_a_single_decision_and_a_batch_do_not_share_a_key(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    order = await given.order(shop)
    await owner.do("reviewServiceOrder", id=order.id, decision=REJECT, idempotencyKey=KEY)
    payload = await owner.do("reviewServiceOrders", RESULTS, **batch([order]))
    assert codes(payload) == [IdempotencyKeyReused.code()]


async def test_a_hundred_orders_are_remembered(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    orders = await given.application(shop, 100)
    said = batch(orders)
    for expected in ("now", "before"):
        payload = await owner.do("reviewServiceOrders", RESULTS, **said)
        assert outcome(payload) == [expected] * 100
    assert {status async for status in statuses(given, orders)} == {Status.REJECTED}


async def statuses(given: World, orders: list[OrderRef]) -> Any:
    for order in orders:
        yield (await given.row(order)).status
