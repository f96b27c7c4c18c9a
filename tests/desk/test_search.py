"""Finding orders by what people have at hand: numbers, waybills, phones, names, and decisions."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.actions import Action
from domain.permissions import Permission
from domain.statuses import Status
from models.application import applications
from schema.service_order_search import MAX_MATCHES
from tests.client import Client, Failed
from tests.conftest import NOON
from tests.desk.test_filters import at, id_of, listed
from tests.given import Shop, World
from tests.lifecycle.test_parcels import approved

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


async def shop_with(client: Client, given: World) -> tuple[Shop, Client]:
    """A shop and its owner; another merchant has orders that every search would find."""
    shop, other = await given.merchant(), await given.merchant("另一家")
    await given.application(other, order_number="P-2026-1", name="王小明", phone="13800005678")
    return shop, client.as_(shop.owner.token)


async def test_a_number_that_is_none_finds_nothing(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    await given.order(shop)
    for number in (
        "abc",
        "x",
        "-1",
        "1.5",
        "#",
        "²",
        "１２x",
        str(2**63),
        "9" * 500,
        "\0",
        "'",
        "%",
    ):
        for name in ("number", "orderNumber", "waybill"):
            assert await listed(owner, **{name: number}) == [], (name, number)
        assert await listed(owner, numberPrefix=f"{number}####zzzz"[:60]) == []
        assert await listed(owner, customerName=f"{number}zz"[:60]) == []
    for phone in ("abc", "5678x", "\0", "%%%%", "²²²²²"):
        assert await listed(owner, phone=phone) == []


async def test_pasted_numbers_are_forgiven(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    one, two, three = [
        (await given.application(shop, order_number=number))[0]
        for number in ("P-2026-1", "#1002", "10 03")
    ]
    [comma] = await given.application(shop, order_number="4,1")
    full_width = str(one.key).translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    for written in (
        f" {one.key} ",
        f"#{one.key}\n",
        full_width,
        f"{str(one.key)[:9]} {one.key}"[:0],
    ):
        if written:
            assert await listed(owner, number=written) == id_of(one), written
    spaced = f"{str(one.key)[:6]} {str(one.key)[6:]}"
    assert await listed(owner, number=spaced) == id_of(one)
    assert await listed(owner, number=f"{two.key},abc\n#{three.key}") == id_of(two, three)
    for written in ("P-2026-1", " P-2026-1\r\n", "＃Ｐ-２０２６-１"):
        assert await listed(owner, orderNumber=written) == id_of(one), written
    for written in ("1002", "#1002", "１００２ "):
        assert await listed(owner, orderNumber=written) == id_of(two), written
    for written in ("10 03", "1003"):
        assert await listed(owner, orderNumber=written) == id_of(three), written
    assert await listed(owner, orderNumber="4,1") == id_of(comma)
    assert await listed(owner, orderNumber="P-2026-1，1002；no") == id_of(one, two)


async def test_a_list_of_fifty_pasted_numbers_finds_them_all(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    orders = await given.application(shop, 3)
    others = [str(number) for number in range(47)]
    assert await listed(owner, number="\n".join([*map(str, (o.key for o in orders)), *others])) == (
        id_of(*orders)
    )


async def test_by_the_beginning_of_either_number(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    one = await given.application(shop, 2, order_number="P-2026-1")
    two = await given.application(shop, 1, order_number="#P-2027-1")
    for prefix, expected in (
        ("P-20", [*one, *two]),
        ("#P-20", [*one, *two]),
        ("P - 2 0 2 6", one),
        ("P-2026-1", one),
        ("p-20", []),
        ("P-2026-11", []),
        ("-202", []),
    ):
        assert await listed(owner, numberPrefix=prefix) == id_of(*expected), prefix
    number = str(one[1].key)
    for length in range(4, len(number) + 1):
        found = await listed(owner, numberPrefix=number[:length])
        assert one[1].id in found
    assert await listed(owner, numberPrefix=number) == id_of(one[1])
    assert await listed(owner, numberPrefix=f"{number}0") == []
    assert await listed(owner, numberPrefix="9" * 18) == []
    assert await listed(owner, numberPrefix="9" * 19) == []
    assert await listed(owner, numberPrefix="0" * 4) == []


async def test_by_the_last_digits_of_a_phone_or_the_whole(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    one = await given.application(shop, 2, phone="138 0000 5678")
    two = await given.application(shop, 1, phone="+86 13900005678")
    three = await given.application(shop, 1, phone="13800005679")
    assert await listed(owner, phone="5678") == id_of(*one, *two)
    assert await listed(owner, phone="138****5678") == id_of(*one, *two)
    assert await listed(owner, phone="13800005678") == id_of(*one)
    assert await listed(owner, phone="0086 138-0000-5678") == id_of(*one)
    assert await listed(owner, phone="13900005678") == id_of(*two)
    assert await listed(owner, phone="05679") == id_of(*three)
    assert await listed(owner, phone="1380") == []


async def test_by_the_beginning_of_a_customers_name(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    one = await given.application(shop, 1, name="王小明")
    two = await given.application(shop, 1, name="王小 红")
    three = await given.application(shop, 1, name="Anna Maria")
    assert await listed(owner, customerName="王小") == id_of(*one, *two)
    assert await listed(owner, customerName="王 小红") == id_of(*two)
    assert await listed(owner, customerName="ANNAm") == id_of(*three)
    assert await listed(owner, customerName="小明") == []


async def test_a_corrected_contact_is_found_at_once_and_the_old_one_no_more(
    client: Client, given: World
) -> None:
    shop, owner = await shop_with(client, given)
    [order] = await given.application(shop, 1, name="王小明", phone="13800005678")
    customer = client.as_((await given.customer(shop)).token)
    contact = {"name": "李大花", "phone": "13900001234"}
    assert await customer.codes("amendServiceOrder", id=order.id, contact=contact) == []
    for found, said in (
        (True, {"phone": "1234"}),
        (True, {"customerName": "李大"}),
        (False, {"phone": "5678"}),
        (False, {"customerName": "王小"}),
    ):
        assert await listed(owner, **said) == (id_of(order) if found else []), said
    contact = {"phone": "13900004321"}
    assert await customer.codes("amendServiceOrder", id=order.id, contact=contact) == []
    assert await listed(owner, phone="4321", customerName="李大") == id_of(order)


async def test_by_the_waybill_of_the_customers_parcel(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    orders = await approved(given, shop, 3)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    sent = {"carrier": "SF", "waybill": "sf 100-1"}
    assert await customer.codes("shipServiceOrders", ids=id_of(*orders[:2]), **sent) == []
    assert (
        await customer.codes("shipServiceOrder", id=orders[2].id, carrier="SF", waybill="SF2") == []
    )
    for written in ("SF100-1", "sf100-1", " SF１００-1\n", "#sf 100-1,x"):
        assert await listed(owner, waybill=written) == id_of(*orders[:2]), written
    assert await listed(owner, waybill="SF100-1\nSF2") == id_of(*orders)
    assert await listed(owner, waybill="SF100") == []
    # Customers find their own.
    assert await listed(customer, waybill="SF2") == id_of(orders[2])
    stranger = client.as_((await given.customer(shop, "c-2")).token)
    assert await listed(stranger, waybill="SF2") == []


async def test_a_corrected_waybill_is_found_and_the_earlier_one_too(
    client: Client, given: World
) -> None:
    shop, owner = await shop_with(client, given)
    [order] = await approved(given, shop, 1)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    for step, waybill in (("shipServiceOrder", "SF1"), ("correctWaybill", "SF2")):
        assert await customer.codes(step, id=order.id, carrier="SF", waybill=waybill) == []
    # The same again is no second row.
    for waybill in ("SF2", "SF1"):
        assert (
            await customer.codes("correctWaybill", id=order.id, carrier="SF", waybill=waybill) == []
        )
    for waybill in ("SF1", "SF2"):
        assert await listed(owner, waybill=waybill) == id_of(order)


OUTBOUND: dict[str, tuple[Status, Action | None, dict[str, Any]]] = {
    "reviewServiceOrder": (
        Status.PENDING_REVIEW,
        None,
        {
            "decision": {
                "resend": {
                    "goods": "耳机",
                    "carrier": "SF",
                    "waybill": "SF9",
                    "customerNote": "补发",
                }
            }
        },
    ),
    "updateShipment": (Status.AWAITING_CONFIRMATION, Action.RESEND, {}),
    "exchangeServiceOrder": (
        Status.AWAITING_PROCESSING,
        Action.RECEIVE,
        {"newOrderNumber": "P2"},
    ),
    "repairServiceOrder": (Status.AWAITING_PROCESSING, Action.RECEIVE, {"report": "换屏"}),
    "sendBackServiceOrder": (Status.AWAITING_PROCESSING, Action.RECEIVE, {}),
    "returnCancelled": (Status.CANCELLED, Action.CANCEL, {}),
}
"""The mutations that send something to the customer, with what allows them."""


@pytest.mark.parametrize("name", OUTBOUND)
async def test_by_the_waybill_of_what_the_merchant_sends(
    client: Client, given: World, name: str
) -> None:
    shop, owner = await shop_with(client, given)
    status, last_action, said = OUTBOUND[name]
    columns = {"shipped_at": NOON, "received_at": NOON} if status is Status.CANCELLED else {}
    order = await given.in_status(shop, status, last_action=last_action, **columns)
    sent = {"carrier": "SF", "waybill": "SF9"} if "decision" not in said else {}
    if name == "exchangeServiceOrder":
        sent = {}
    payload = await owner.do(name, "refusals { code }", id=order.id, **said, **sent)
    assert payload["refusals"] == []
    if name == "exchangeServiceOrder":
        assert await owner.codes("updateShipment", id=order.id, carrier="SF", waybill="SF9") == []
    assert await listed(owner, waybill="sf9") == id_of(order)


async def test_by_reviewer_and_decision(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    person = await given.reviewer(shop)
    reviewer = client.as_(person.token)
    orders = await given.application(shop, 3)
    decisions: list[dict[str, Any]] = [
        {"approve": {}},
        {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}},
    ]
    for order, decision in zip(orders, decisions, strict=False):
        assert await reviewer.codes("reviewServiceOrder", id=order.id, decision=decision) == []
    assert await owner.codes("reviewServiceOrder", id=orders[2].id, decision={"approve": {}}) == []
    assert await listed(owner, reviewerId=person.global_id) == id_of(*orders[:2])
    assert await listed(owner, reviewerId=shop.owner.global_id) == id_of(orders[2])
    assert await listed(owner, decision=["APPROVE"]) == id_of(orders[0], orders[2])
    assert await listed(owner, decision=["REJECT"]) == id_of(orders[1])
    assert await listed(owner, decision=["REJECT", "RESEND"]) == id_of(orders[1])
    assert await listed(owner, decision=["REJECT", "APPROVE"]) == id_of(*orders)
    assert await listed(owner, decision=["SHIP"]) == []
    assert await listed(owner, decision=[]) == []
    assert await listed(owner, decision=["APPROVE"], reviewerId=person.global_id) == id_of(
        orders[0]
    )


@pytest.mark.parametrize("name", ["decided", "received", "finished"])
async def test_by_a_window_of_what_happened(client: Client, given: World, name: str) -> None:
    shop, owner = await shop_with(client, given)
    await given.order(shop)
    one, two, three = [
        await given.order(shop, **{f"{name}_at": NOON + number * HOUR}) for number in (1, 2, 3)
    ]
    for window, expected in (
        ({"from": at(HOUR), "to": at(3 * HOUR)}, (one, two)),
        ({"from": at(HOUR + timedelta(microseconds=1))}, (two, three)),
        ({"to": at(2 * HOUR)}, (one,)),
        ({"from": at(3 * HOUR), "to": at(HOUR)}, ()),
    ):
        assert await listed(owner, **{name: window}) == id_of(*expected), window


async def test_customers_find_their_own_orders_alone_and_nothing_by_reviewer(
    client: Client, given: World
) -> None:
    shop, owner = await shop_with(client, given)
    [mine] = await given.application(shop, 1, "c-1", order_number="P-2026-1", phone="13800005678")
    [other] = await given.application(shop, 1, "c-2", order_number="P-2026-2", phone="13900005678")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    searches: list[dict[str, Any]] = [
        {"phone": "5678"},
        {"customerName": "李小"},
        {"numberPrefix": "P-20"},
        {"number": f"{mine.key},{other.key}"},
        {"orderNumber": "P-2026-1,P-2026-2"},
    ]
    for search in searches:
        assert await listed(owner, **search) == id_of(mine, other), search
        assert await listed(customer, **search) == id_of(mine), search
    assert await listed(customer, phone="13900005678") == []
    await owner.codes("reviewServiceOrder", id=mine.id, decision={"approve": {}})
    assert await listed(owner, reviewerId=shop.owner.global_id) == id_of(mine)
    assert await listed(customer, reviewerId=shop.owner.global_id) == []
    assert await listed(customer, decision=["APPROVE"]) == id_of(mine)


async def test_the_platform_searches_at_one_merchant(client: Client, given: World) -> None:
    shop, _ = await shop_with(client, given)
    [order] = await given.application(shop, 1, order_number="P-2026-1", phone="13800005678")
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    for search in (
        {"phone": "5678"},
        {"customerName": "李小"},
        {"numberPrefix": "P-20"},
    ):
        with pytest.raises(Failed) as failure:
            await listed(platform, **search)
        [name] = search
        assert failure.value.extensions["argument"] == ["filter", name]
        assert await listed(platform, **search, merchantId=shop.global_id) == id_of(order)
    assert await listed(platform, waybill="SF1", merchantId=shop.global_id) == []
    assert await listed(platform, number=str(order.key)) == id_of(order)
    assert len(await listed(platform, orderNumber="P-2026-1")) == 2


async def test_a_search_considers_a_thousand_matches_and_no_more(
    client: Client, given: World
) -> None:
    shop, owner = await shop_with(client, given)
    [order] = await given.application(shop, 1)
    async with given.parts.database.write() as connection:
        row = (
            await connection.execute(
                sa.select(applications).where(applications.c.merchant_id == shop.id)
            )
        ).one()
        names = [f"李小{number:04}" for number in range(MAX_MATCHES)]
        rows = [
            {**row._mapping, "id": number, "external_ref": str(number), "name_key": name}
            for number, name in enumerate(names, 1)
        ]
        await connection.execute(sa.insert(applications), rows)
    assert await listed(owner, customerName="李小花") == id_of(order)
    # 花 sorts after the digits.
    assert await listed(owner, customerName="李小") == id_of(order)
    own = (applications.c.merchant_id == shop.id, applications.c.id == order.application_key)
    async with given.parts.database.write() as connection:
        await connection.execute(sa.update(applications).where(*own).values(name_key="李小!"))
    assert await listed(owner, customerName="李小") == []
    assert await listed(owner, customerName="李小!") == id_of(order)


async def test_searches_name_the_merchant_of_the_viewer_alone(client: Client, given: World) -> None:
    _, owner = await shop_with(client, given)
    other = await given.merchant("第三家")
    [theirs] = await given.application(other, 1, phone="13800005678")
    for said in ({"phone": "5678"}, {"number": str(theirs.key)}, {"customerName": "李小"}):
        assert await listed(owner, **said) == []
        assert await listed(owner, **said, merchantId=other.global_id) == []
