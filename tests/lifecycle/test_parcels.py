"""One parcel holds several orders of an application: shipped and received together, each alone."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.actions import Action
from domain.applications import LogisticsIn
from domain.clocks import first_clocks
from domain.statuses import Status
from models.idempotency import idempotency_keys
from models.journal.step_values import clock_columns
from models.service_order import service_orders
from tests.client import Client, Failed
from tests.desk.test_idempotency import codes, count
from tests.given import RECEIPT, OrderRef, Shop, World, jpeg

pytestmark = pytest.mark.anyio

SENT = {"carrier": "SF", "waybill": "SF1", "freight": "12.50"}
RESULTS = """replayed results { index done replayed refusals { code path }
  serviceOrder { id status inbound { carrier waybill freight }
    receipt { remark evidence { id } } } }"""
REF = "c-1"


async def approved(given: World, shop: Shop, items: int, **columns: Any) -> list[OrderRef]:
    """Orders of one application that wait for the goods to be sent."""
    clocks = first_clocks(given.now, []).enter(Status.AWAITING_SHIPMENT, given.now, [])
    values = {
        "status": Status.AWAITING_SHIPMENT,
        "last_action": Action.APPROVE,
        "customer_ref": REF,
        **clock_columns(clocks),
    }
    return await given.application(shop, items, **values | columns)


def id_of(orders: list[OrderRef]) -> list[str]:
    return [order.id for order in orders]


def receipts(orders: list[OrderRef], **said: Any) -> list[dict[str, Any]]:
    return [{"id": order.id, **RECEIPT, **said} for order in orders]


def outcome(payload: Any) -> list[str | None]:
    """Of each order, whether the step was taken now or before, or why not."""
    assert codes(payload) == []
    results = payload["results"]
    assert [one["index"] for one in results] == list(range(len(results)))
    return [
        one["refusals"][0]["code"] if not one["done"] else "before" if one["replayed"] else "now"
        for one in results
    ]


async def versions(given: World, orders: list[OrderRef]) -> list[int]:
    return [(await given.row(order)).version for order in orders]


async def freights(given: World, orders: list[OrderRef]) -> list[int | None]:
    return [(await given.row(order)).inbound["freight"] for order in orders]


async def test_a_parcel_is_sent_and_received_with_a_result_for_each_order(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = await approved(given, shop, 3)
    customer = client.as_((await given.customer(shop, REF)).token)
    staff = client.as_((await given.employee(shop, roles=["收货组"])).token)
    payload = await customer.do("shipServiceOrders", RESULTS, ids=id_of(orders[::-1]), **SENT)
    assert outcome(payload) == ["now"] * 3
    assert [one["serviceOrder"] for one in payload["results"]] == [
        {
            "id": order.id,
            "status": "AWAITING_RECEIPT",
            "inbound": {**SENT, "freight": "12.50" if order is orders[2] else None},
            "receipt": None,
        }
        for order in orders[::-1]
    ]
    photo = (await staff.upload(jpeg()))["evidence"]["id"]
    said = receipts(orders)
    said[1] |= {"remark": "少一根线", "evidenceIds": [photo]}
    payload = await staff.do("receiveServiceOrders", RESULTS, receipts=said)
    assert outcome(payload) == ["now"] * 3
    assert [one["serviceOrder"]["id"] for one in payload["results"]] == id_of(orders)
    assert [one["serviceOrder"]["receipt"] for one in payload["results"]] == [
        {"remark": None, "evidence": []},
        {"remark": "少一根线", "evidence": [{"id": photo}]},
        {"remark": None, "evidence": []},
    ]
    assert await versions(given, orders) == [3, 3, 3]


async def test_each_order_of_a_parcel_is_refused_by_itself(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    first, *rest = await approved(given, shop, 3)
    elsewhere = await given.in_status(other, Status.AWAITING_SHIPMENT, customer_ref=REF)
    customer = client.as_((await given.customer(shop, REF)).token)
    staff = client.as_((await given.employee(shop, roles=["收货组"])).token)
    assert await customer.codes("cancelServiceOrder", id=first.id) == []
    asked = [first, rest[0], elsewhere, rest[1]]
    payload = await customer.do("shipServiceOrders", RESULTS, ids=id_of(asked), **SENT)
    assert outcome(payload) == ["WRONG_STATUS", "now", "NOT_FOUND", "now"]
    shown = [one["serviceOrder"] and one["serviceOrder"]["id"] for one in payload["results"]]
    assert shown == [first.id, rest[0].id, None, rest[1].id]
    # The freight stands with the first that was sent, not with the first that was asked for.
    assert await freights(given, rest) == [1250, None]
    assert (await given.row(elsewhere)).version == 1

    foreign = (await customer.upload(jpeg()))["evidence"]["id"]
    said = receipts([first, *rest])
    said[1] |= {"evidenceIds": [foreign]}
    payload = await staff.do("receiveServiceOrders", RESULTS, receipts=said)
    assert outcome(payload) == ["WRONG_STATUS", "NOT_FOUND", "now"]
    assert payload["results"][1]["refusals"][0]["path"] == ["receipts", "1", "evidenceIds", "0"]
    assert payload["results"][1]["serviceOrder"]["status"] == "AWAITING_RECEIPT"
    said[1] |= {"evidenceIds": [], "expectedVersion": 1}
    payload = await staff.do("receiveServiceOrders", RESULTS, receipts=said)
    assert outcome(payload) == ["WRONG_STATUS", "STALE_VERSION", "WRONG_STATUS"]
    assert await versions(given, rest) == [2, 3]


async def test_a_parcel_holds_one_to_fifty_orders_of_one_application_each_once(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders, [stray] = await approved(given, shop, 51), await approved(given, shop, 1)
    owner = client.as_(shop.owner.token)
    wrong: list[tuple[list[OrderRef], str]] = [
        ([], "BAD_USER_INPUT"),
        (orders, "BAD_USER_INPUT"),
        ([orders[0], orders[1], orders[0]], "BAD_USER_INPUT"),
        ([orders[0], stray], "DIFFERENT_APPLICATIONS"),
    ]
    for asked, code in wrong:
        assert await owner.codes("shipServiceOrders", ids=id_of(asked), **SENT) == [code]
        assert await owner.codes("receiveServiceOrders", receipts=receipts(asked)) == [code]
    refusal = await owner.refused("shipServiceOrders", ids=id_of([orders[0], stray]), **SENT)
    assert (refusal["applications"], refusal["path"]) == (2, ["ids"])
    assert await versions(given, [*orders, stray]) == [1] * 52
    payload = await owner.do("shipServiceOrders", RESULTS, ids=id_of(orders[:50]), **SENT)
    assert outcome(payload) == ["now"] * 50
    payload = await owner.do("receiveServiceOrders", RESULTS, receipts=receipts(orders[:50]))
    assert outcome(payload) == ["now"] * 50
    assert await versions(given, orders) == [3] * 50 + [1]


async def test_another_customer_s_order_is_not_found_and_tells_nothing(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    [mine] = await approved(given, shop, 1)
    [theirs] = await approved(given, shop, 1, customer_ref="c-2")
    customer = client.as_((await given.customer(shop, REF)).token)
    payload = await customer.do("shipServiceOrders", RESULTS, ids=id_of([theirs, mine]), **SENT)
    assert outcome(payload) == ["NOT_FOUND", "now"]
    assert payload["results"][0]["serviceOrder"] is None
    assert await versions(given, [mine, theirs]) == [2, 1]
    assert await freights(given, [mine]) == [1250]


async def test_what_is_brought_needs_no_waybill_and_what_is_sent_does(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = await approved(given, shop, 2, logistics_in=LogisticsIn.DROP_OFF)
    sent = await approved(given, shop, 1)
    customer = client.as_((await given.customer(shop, REF)).token)
    payload = await customer.do("shipServiceOrders", RESULTS, ids=id_of(orders))
    assert outcome(payload) == ["now", "now"]
    payload = await customer.do("shipServiceOrders", RESULTS, ids=id_of(sent), carrier="SF")
    assert outcome(payload) == ["NO_WAYBILL"]


async def test_who_may_not_send_or_receive_a_parcel(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    orders = await approved(given, shop, 2)
    reviewer = client.as_((await given.reviewer(shop)).token)
    customer = client.as_((await given.customer(shop, REF)).token)
    said: dict[str, dict[str, Any]] = {
        "shipServiceOrders": {"ids": id_of(orders), **SENT},
        "receiveServiceOrders": {"receipts": receipts(orders)},
    }
    for name, asker in (
        ("shipServiceOrders", reviewer),
        ("receiveServiceOrders", reviewer),
        ("receiveServiceOrders", customer),
    ):
        with pytest.raises(Failed) as failure:
            await asker.do(name, **said[name])
        assert failure.value.extensions == {"code": "FORBIDDEN", "requires": "RECEIVE"}
    stranger = client.as_(other.owner.token)
    for name, arguments in said.items():
        payload = await stranger.do(name, RESULTS, **arguments)
        assert outcome(payload) == ["NOT_FOUND", "NOT_FOUND"]
    assert await versions(given, orders) == [1, 1]


async def test_a_parcel_under_a_key_that_comes_again_does_what_is_left(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = await approved(given, shop, 3)
    owner = client.as_(shop.owner.token)
    assert await owner.codes("addNote", id=orders[1].id, text="催促") == []
    said: dict[str, Any] = {"ids": id_of(orders), **SENT, "idempotencyKey": "k"}
    held = orders[1]
    await set_status(given, held, Status.PENDING_REVIEW)
    payload = await owner.do("shipServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (False, ["now", "WRONG_STATUS", "now"])
    payload = await owner.do("shipServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (True, ["before", "WRONG_STATUS", "before"])
    await set_status(given, held, Status.AWAITING_SHIPMENT)
    payload = await owner.do("shipServiceOrders", RESULTS, **said)
    assert (payload["replayed"], outcome(payload)) == (True, ["before", "now", "before"])
    # The freight was paid once.
    assert await freights(given, orders) == [1250, None, None]
    refusal = await owner.refused("shipServiceOrders", **said | {"waybill": "SF2"})
    assert refusal["code"] == "IDEMPOTENCY_KEY_REUSED"

    said = {"receipts": receipts(orders), "idempotencyKey": "k2"}
    for expected in ("now", "before"):
        payload = await owner.do("receiveServiceOrders", RESULTS, **said)
        assert outcome(payload) == [expected] * 3
    assert await versions(given, orders) == [3, 4, 3]


async def set_status(given: World, order: OrderRef, status: Status) -> None:
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.update(service_orders)
            .where(
                service_orders.c.merchant_id == order.merchant_id,
                service_orders.c.id == order.key,
            )
            .values(status=status)
        )


async def test_a_parcel_that_was_refused_leaves_its_key_free(client: Client, given: World) -> None:
    shop = await given.merchant()
    [order], [stray] = await approved(given, shop, 1), await approved(given, shop, 1)
    owner = client.as_(shop.owner.token)
    said: dict[str, Any] = {"ids": id_of([order, stray]), **SENT, "idempotencyKey": "k"}
    refusal = await owner.refused("shipServiceOrders", **said)
    assert refusal["code"] == "DIFFERENT_APPLICATIONS"
    early: dict[str, Any] = {"receipts": receipts([order]), "idempotencyKey": "k"}
    payload = await owner.do("receiveServiceOrders", RESULTS, **early)
    assert outcome(payload) == ["WRONG_STATUS"]
    assert await count(given, idempotency_keys) == 0
    payload = await owner.do("shipServiceOrders", RESULTS, **said | {"ids": [order.id]})
    assert (payload["replayed"], outcome(payload)) == (False, ["now"])
