"""What is found in a parcel is data; a parcel of a cancelled order is registered and sent back."""

from datetime import timedelta
from typing import Any

import pytest

from domain.applications import LogisticsIn
from domain.events import EventKind
from domain.permissions import DELEGABLE, Permission
from domain.statuses import Status
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import ADDRESS, ITEM, RECEIPT, OrderRef, Shop, World, jpeg

pytestmark = pytest.mark.anyio

SENT = {"carrier": "SF", "waybill": "SF1", "freight": "12.50"}
BLOCKS = """status inbound { carrier waybill freight at }
  receipt { packing { finding remark } function { finding remark } appearance { finding remark }
    accessories { finding remark } invoice { finding remark } receivedQuantity goods remark at
    evidence { id width } }"""
SHAPE = f"replayed serviceOrder {{ {BLOCKS} timeline(last: 1) {{ kind details }} }}"
READ = f"query($id: ID!) {{ serviceOrder(id: $id) {{ {BLOCKS} }} }}"
FINDINGS: dict[str, Any] = {
    "packing": {"finding": "DAMAGED", "remark": "外箱压扁"},
    "function": {"finding": "NOT_TESTED"},
    "appearance": {"finding": "USED", "remark": "  "},
    "accessories": {"finding": "INCOMPLETE", "remark": "少一根线"},
    "invoice": {"finding": "NOT_ISSUED"},
    "receivedQuantity": 1,
    "goods": "WRONG_GOODS",
    "remark": "少两件",
}


async def on_its_way(client: Client, given: World, shop: Shop) -> OrderRef:
    """An order whose goods were sent just now."""
    order = await given.in_status(shop, Status.AWAITING_SHIPMENT, customer_ref="c-1")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    assert await customer.codes("shipServiceOrder", id=order.id, **SENT) == []
    return order


async def cancelled_on_its_way(client: Client, given: World, shop: Shop) -> OrderRef:
    order = await on_its_way(client, given, shop)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    assert await customer.codes("cancelServiceOrder", id=order.id) == []
    return order


async def receiver(client: Client, given: World, shop: Shop) -> Client:
    return client.as_((await given.employee(shop, name="小收", roles=["收货组"])).token)


async def test_a_receipt_is_findings_with_remarks_a_quantity_and_pictures(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await on_its_way(client, given, shop)
    sent_at = given.now
    clock.pass_(timedelta(days=3))
    staff = await receiver(client, given, shop)
    photos = [(await staff.upload(jpeg(width)))["evidence"]["id"] for width in (10, 11)]
    payload = await staff.do(
        "receiveServiceOrder", SHAPE, id=order.id, evidenceIds=photos, **FINDINGS
    )
    assert payload["refusals"] == []
    found = payload["serviceOrder"]
    [event] = found.pop("timeline")
    assert found == await staff.ask(READ, id=order.id)
    assert found == {
        "status": "AWAITING_PROCESSING",
        "inbound": {**SENT, "at": sent_at.isoformat()},
        "receipt": {
            "packing": {"finding": "DAMAGED", "remark": "外箱压扁"},
            "function": {"finding": "NOT_TESTED", "remark": None},
            "appearance": {"finding": "USED", "remark": None},
            "accessories": {"finding": "INCOMPLETE", "remark": "少一根线"},
            "invoice": {"finding": "NOT_ISSUED", "remark": None},
            "receivedQuantity": 1,
            "goods": "WRONG_GOODS",
            "remark": "少两件",
            "at": given.now.isoformat(),
            "evidence": [{"id": photos[0], "width": 10}, {"id": photos[1], "width": 11}],
        },
    }
    assert event["kind"] == "RECEIVED"
    assert event["details"]["accessories"] == {"finding": "INCOMPLETE", "remark": "少一根线"}
    assert [one["width"] for one in event["details"]["pictures"]] == [10, 11]
    row = await given.row(order)
    assert (row.shipped_at, row.received_at, row.version) == (sent_at, given.now, 3)
    assert row.inbound == {"carrier": "SF", "waybill": "SF1", "freight": 1250}


async def test_an_order_of_before_has_neither_block(client: Client, given: World) -> None:
    shop = await given.merchant()
    when = {"shipped_at": given.now, "received_at": given.now}
    order = await given.in_status(shop, Status.AWAITING_PROCESSING, **when)
    found = await client.as_(shop.owner.token).ask(READ, id=order.id)
    assert (found["inbound"], found["receipt"]) == (None, None)


async def test_the_customer_sees_what_was_found(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await on_its_way(client, given, shop)
    staff = await receiver(client, given, shop)
    await staff.do("receiveServiceOrder", id=order.id, **FINDINGS)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    found = await customer.ask(READ, id=order.id)
    assert found["receipt"]["goods"] == "WRONG_GOODS"
    other = client.as_((await given.customer(shop, "c-2")).token)
    assert await other.ask(READ, id=order.id) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"packing": {"finding": "完好"}}, "BAD_USER_INPUT"),
        ({"packing": "INTACT"}, "BAD_USER_INPUT"),
        ({"packing": {"finding": "INTACT", "remark": "字" * 501}}, "BAD_USER_INPUT"),
        ({"function": None}, "BAD_USER_INPUT"),
        ({"goods": "BROKEN"}, "BAD_USER_INPUT"),
        ({"receivedQuantity": -1}, "BAD_USER_INPUT"),
        ({"receivedQuantity": 10_000}, "BAD_USER_INPUT"),
        ({"remark": "字" * 501}, "BAD_USER_INPUT"),
        ({"expectedVersion": 1}, "STALE_VERSION"),
    ],
    ids=str,
)
async def test_a_receipt_that_makes_no_sense_is_refused(
    client: Client, given: World, change: dict[str, Any], code: str
) -> None:
    shop = await given.merchant()
    order = await on_its_way(client, given, shop)
    staff = await receiver(client, given, shop)
    said = {"id": order.id, **RECEIPT, **change}
    assert await staff.codes("receiveServiceOrder", **said) == [code]
    assert (await given.row(order)).version == 2
    assert await staff.codes("receiveServiceOrder", id=order.id, **RECEIPT) == []


async def test_nothing_may_have_come_and_more_than_was_bought(client: Client, given: World) -> None:
    shop = await given.merchant()
    staff = await receiver(client, given, shop)
    for quantity in (0, 3, 9_999):
        order = await on_its_way(client, given, shop)
        said = {**RECEIPT, "receivedQuantity": quantity}
        payload = await staff.do("receiveServiceOrder", SHAPE, id=order.id, **said)
        assert payload["serviceOrder"]["receipt"]["receivedQuantity"] == quantity


async def test_the_pictures_of_a_receipt_are_the_staff_s(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await on_its_way(client, given, shop)
    staff = await receiver(client, given, shop)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    photos = [(await staff.upload(jpeg(width)))["evidence"]["id"] for width in (10, 11, 12, 13)]
    theirs = (await customer.upload(jpeg(14)))["evidence"]["id"]
    foreign = (await client.as_(other.owner.token).upload(jpeg(15)))["evidence"]["id"]
    said = {"id": order.id, **RECEIPT}
    for evidence, code in (
        (photos, "TOO_MANY_PICTURES"),
        ([theirs], "NOT_FOUND"),
        ([photos[0], foreign], "NOT_FOUND"),
    ):
        refusal = await staff.refused("receiveServiceOrder", **said, evidenceIds=evidence)
        assert refusal["code"] == code
    assert (await given.row(order)).version == 2
    # A colleague's picture will do, and so will one that customer and staff both have.
    colleague = client.as_(shop.owner.token)
    same = (await colleague.upload(jpeg(14)))["evidence"]["id"]
    assert same == theirs
    assert await staff.codes("receiveServiceOrder", **said, evidenceIds=[same, photos[0]]) == []


async def test_who_may_not_receive(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await on_its_way(client, given, shop)
    late = await cancelled_on_its_way(client, given, shop)
    rest = sorted(DELEGABLE - {Permission.RECEIVE})
    colleague = client.as_((await given.employee(shop, *rest)).token)
    stranger = client.as_(other.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    waybill = {"carrier": "SF", "waybill": "1"}
    for name, said in (
        ("receiveServiceOrder", {"id": order.id, **RECEIPT}),
        ("receiveCancelled", {"id": late.id}),
        ("returnCancelled", {"id": late.id, **waybill}),
    ):
        for asker in (colleague, customer):
            with pytest.raises(Failed) as failure:
                await asker.do(name, **said)
            assert failure.value.extensions == {"code": "FORBIDDEN", "requires": "RECEIVE"}
        assert await stranger.codes(name, **said) == ["NOT_FOUND"]
    assert (await given.row(order)).version == 2
    assert (await given.row(late)).version == 3


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.AWAITING_RECEIPT}))
async def test_goods_are_received_once_and_only_if_they_were_sent(
    client: Client, given: World, status: Status
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, status)
    refusal = await client.as_(shop.owner.token).refused(
        "receiveServiceOrder", id=order.id, **RECEIPT
    )
    assert (refusal["code"], refusal["status"]) == ("WRONG_STATUS", status)
    assert (await given.row(order)).receipt is None


async def test_a_parcel_of_a_cancelled_order_is_registered_and_sent_back(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await cancelled_on_its_way(client, given, shop)
    staff = await receiver(client, given, shop)
    waybill = {"carrier": "YT", "waybill": "YT9"}
    # Not before it has come.
    refusal = await staff.refused("returnCancelled", id=order.id, **waybill)
    assert refusal["code"] == "NOT_ARRIVED"
    clock.pass_(timedelta(days=2))
    photo = (await staff.upload(jpeg()))["evidence"]["id"]
    said = {"id": order.id, "remark": "原封未拆", "evidenceIds": [photo], "idempotencyKey": "k1"}
    payload = await staff.do("receiveCancelled", SHAPE, **said)
    assert payload["refusals"] == []
    found = payload["serviceOrder"]
    assert found["status"] == "CANCELLED"
    receipt = found["receipt"]
    assert (receipt["remark"], receipt["at"]) == ("原封未拆", given.now.isoformat())
    assert [one["id"] for one in receipt["evidence"]] == [photo]
    assert {receipt[name] for name in ("packing", "function", "receivedQuantity", "goods")} == {
        None
    }
    assert (await staff.do("receiveCancelled", SHAPE, **said))["replayed"] is True
    refusal = await staff.refused("receiveCancelled", id=order.id)
    assert refusal["code"] == "NOT_IN_TRANSIT"

    clock.pass_(timedelta(hours=1))
    said = {"id": order.id, **waybill, "idempotencyKey": "k2"}
    payload = await staff.do("returnCancelled", SHAPE, **said)
    [event] = payload["serviceOrder"]["timeline"]
    assert (event["kind"], event["details"]) == ("CANCELLED_RETURNED", {"shipment": waybill})
    assert (await staff.do("returnCancelled", SHAPE, **said))["replayed"] is True
    refusal = await staff.refused("returnCancelled", id=order.id, **waybill)
    assert refusal["code"] == "NOT_ARRIVED"
    row = await given.row(order)
    assert (row.status, row.returned_at, row.version) == (Status.CANCELLED, given.now, 5)
    assert row.processing["outbound"] == waybill
    assert (await given.kinds(order))[-2:] == [
        EventKind.CANCELLED_RECEIVED,
        EventKind.CANCELLED_RETURNED,
    ]


async def test_a_cancelled_order_that_was_never_sent_has_no_parcel(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    order = await given.in_status(shop, Status.CANCELLED)
    assert await owner.codes("receiveCancelled", id=order.id) == ["NOT_IN_TRANSIT"]
    assert await owner.codes("returnCancelled", id=order.id, carrier="S", waybill="1") == [
        "NOT_ARRIVED"
    ]
    sent = await on_its_way(client, given, shop)
    assert await owner.codes("receiveCancelled", id=sent.id) == ["WRONG_STATUS"]


@pytest.mark.parametrize("logistics_in", LogisticsIn)
@pytest.mark.parametrize("given_fields", [(), ("carrier",), ("waybill",), ("carrier", "waybill")])
async def test_who_brings_the_goods_needs_no_waybill(
    client: Client, given: World, logistics_in: LogisticsIn, given_fields: tuple[str, ...]
) -> None:
    shop = await given.merchant()
    order = await given.in_status(
        shop, Status.AWAITING_SHIPMENT, logistics_in=logistics_in, customer_ref="c-1"
    )
    customer = client.as_((await given.customer(shop, "c-1")).token)
    said = {name: SENT[name] for name in given_fields}
    missing = [name for name in ("carrier", "waybill") if name not in given_fields]
    payload = await customer.do("shipServiceOrder", SHAPE, id=order.id, **said)
    if missing and logistics_in is not LogisticsIn.DROP_OFF:
        [refusal] = payload["refusals"]
        assert (refusal["code"], refusal["missing"]) == ("NO_WAYBILL", missing)
        assert (await given.row(order)).shipped_at is None
    else:
        assert payload["refusals"] == []
        empty = {"carrier": None, "waybill": None, "freight": None}
        expected = {**empty, **said, "at": given.now.isoformat()}
        assert payload["serviceOrder"]["inbound"] == expected


APPLICATION: dict[str, Any] = {
    "externalRef": "A-1",
    "orderNumber": "P-1",
    "customerRef": "c-1",
    "customerName": "李小花",
    "customerPhone": "13812345678",
    "items": [ITEM, {**ITEM, "logisticsIn": "PICKUP"}],
}


async def test_goods_are_picked_up_only_where_somebody_lives(client: Client, given: World) -> None:
    shop = await given.merchant()
    storefront = client.as_((await given.connector(shop)).token)
    refusal = await storefront.refused("submitApplication", **APPLICATION)
    assert (refusal["code"], refusal["path"]) == ("NO_PICKUP_ADDRESS", ["pickupAddress"])
    said = {**APPLICATION, "pickupAddress": ADDRESS}
    assert await storefront.codes("submitApplication", **said) == []
    said = {**APPLICATION, "externalRef": "A-2", "items": [{**ITEM, "logisticsIn": "DROP_OFF"}]}
    assert await storefront.codes("submitApplication", **said) == []
