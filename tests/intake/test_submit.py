"""Taking in what customers apply for: what is accepted, what is refused, and what it becomes."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from domain.applications import MAX_DESCRIPTION, MAX_ITEMS, MAX_QUANTITY
from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from models.application import applications
from models.service_order import events, service_orders
from schema import ids
from tests.client import Client, Failed
from tests.given import ADDRESS, World, jpeg

pytestmark = pytest.mark.anyio

ITEM: dict[str, Any] = {
    "expectation": "RETURN",
    "reason": "QUALITY.BROKEN",
    "description": "屏幕碎了",
    "sku": "SKU-1",
    "name": "蓝牙耳机",
    "quantity": 1,
    "unitPrice": "199.00",
    "paidAmount": "189.00",
}
APPLICATION: dict[str, Any] = {
    "externalRef": "A-1",
    "orderNumber": "P-1001",
    "customerRef": "c-1",
    "customerName": "李小花",
    "customerPhone": "13812345678",
    "items": [ITEM],
}
SHAPE = "replayed application { id serviceOrders { id } }"


def one(**changes: Any) -> dict[str, Any]:
    """An application of one item, with changes to the item."""
    return {**APPLICATION, "items": [ITEM | changes]}


async def counted(given: World) -> list[int]:
    async with given.parts.database.read() as connection:
        return [
            (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in (applications, service_orders, events)
        ]


async def storefront(client: Client, given: World) -> Client:
    return client.as_((await given.connector(await given.merchant())).token)


async def test_each_item_becomes_an_order_with_its_forty_eight_hours(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    asker = client.as_((await given.connector(shop)).token)
    items = [
        ITEM,
        {
            "expectation": "EXCHANGE",
            "reason": "DELIVERY.WRONG_ITEM",
            "description": "颜色不对",
            "sku": "SKU-2",
            "name": "手机壳",
            "quantity": 3,
            "unitPrice": "9.9",
            "paidAmount": "0",
            "logisticsIn": "PICKUP",
        },
    ]
    shape = """application {
      externalRef orderNumber appliedAt merchant { name } customer { ref name phone }
      serviceOrders {
        number version status expectation reason { code nameZh } description logisticsIn
        item { sku name quantity unitPrice paidAmount }
        reviewClock { kind startedAt dueAt pausedSince remaining consequence }
        pictures { id } assignee { name } review { decision } appliedAt finishedAt
      } }"""
    payload = await asker.do(
        "submitApplication", shape, **APPLICATION | {"items": items, "pickupAddress": ADDRESS}
    )
    assert payload["refusals"] == []
    application = payload["application"]
    orders = application.pop("serviceOrders")
    now = given.now.isoformat()
    assert application == {
        "externalRef": "A-1",
        "orderNumber": "P-1001",
        "appliedAt": now,
        "merchant": {"name": "京北数码"},
        "customer": {"ref": "c-1", "name": "李**", "phone": "138****5678"},
    }
    assert len({order.pop("number") for order in orders}) == 2
    common = {
        "version": 1,
        "status": "PENDING_REVIEW",
        "reviewClock": {
            "kind": "REVIEW",
            "startedAt": now,
            "dueAt": "2026-11-24T12:00:00+00:00",
            "pausedSince": None,
            "remaining": 48 * 3600,
            "consequence": "AUTO_APPROVE",
        },
        "pictures": [],
        "assignee": None,
        "review": None,
        "appliedAt": now,
        "finishedAt": None,
    }
    assert orders == [
        {
            **common,
            "expectation": "RETURN",
            "reason": {"code": "QUALITY.BROKEN", "nameZh": "商品损坏"},
            "description": "屏幕碎了",
            "logisticsIn": "CUSTOMER_SHIPS",
            "item": {
                "sku": "SKU-1",
                "name": "蓝牙耳机",
                "quantity": 1,
                "unitPrice": "199.00",
                "paidAmount": "189.00",
            },
        },
        {
            **common,
            "expectation": "EXCHANGE",
            "reason": {"code": "DELIVERY.WRONG_ITEM", "nameZh": "商品发错"},
            "description": "颜色不对",
            "logisticsIn": "PICKUP",
            "item": {
                "sku": "SKU-2",
                "name": "手机壳",
                "quantity": 3,
                "unitPrice": "9.90",
                "paidAmount": "0.00",
            },
        },
    ]


async def test_the_same_reference_with_the_same_content_answers_the_first_application(
    client: Client, given: World
) -> None:
    asker = await storefront(client, given)
    first = await asker.do("submitApplication", SHAPE, **APPLICATION)
    assert first["replayed"] is False
    before = await counted(given)
    again = await asker.do("submitApplication", SHAPE, **APPLICATION)
    assert again == first | {"replayed": True}
    # Money and spaces may be written otherwise: it is the same content.
    same = {**one(unitPrice="199", paidAmount="189.0"), "customerName": " 李小花 "}
    assert await asker.do("submitApplication", SHAPE, **same) == again
    assert await counted(given) == before == [1, 1, 1]


OTHER_CONTENT: list[dict[str, Any]] = [
    {"orderNumber": "P-1002"},
    {"customerRef": "c-2"},
    {"customerName": "李大花"},
    {"customerPhone": "13812345679"},
    {"pickupAddress": ADDRESS},
    {"items": [ITEM, ITEM]},
    {"items": [ITEM | {"quantity": 2}]},
    {"items": [ITEM | {"unitPrice": "199.01"}]},
    {"items": [ITEM | {"paidAmount": "188.99"}]},
    {"items": [ITEM | {"description": "屏幕碎"}]},
    {"items": [ITEM | {"expectation": "REPAIR"}]},
    {"items": [ITEM | {"logisticsIn": "DROP_OFF"}]},
    {"items": [ITEM | {"reason": "QUALITY.FLAW"}]},
    {"items": [ITEM | {"sku": "SKU-2"}]},
    {"items": [ITEM | {"name": "耳机"}]},
]


async def test_the_same_reference_with_other_content_is_refused(
    client: Client, given: World
) -> None:
    asker = await storefront(client, given)
    await asker.do("submitApplication", **APPLICATION)
    for change in OTHER_CONTENT:
        refusal = await asker.refused("submitApplication", **APPLICATION | change)
        found = (refusal["code"], refusal["externalRef"])
        assert found == ("EXTERNAL_REF_REUSED", "A-1"), change
    assert await counted(given) == [1, 1, 1]


async def test_a_reference_belongs_to_a_storefront_and_a_merchant(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    mine, theirs = [client.as_((await given.connector(shop)).token) for _ in range(2)]
    everywhere = client.as_((await given.connector()).token)
    found = [
        await mine.do("submitApplication", SHAPE, **APPLICATION),
        await theirs.do("submitApplication", SHAPE, **APPLICATION),
        *[
            await everywhere.do("submitApplication", SHAPE, **APPLICATION, merchantId=one.global_id)
            for one in (shop, other)
        ],
    ]
    assert [payload["replayed"] for payload in found] == [False] * 4
    assert len({payload["application"]["id"] for payload in found}) == 4


async def test_a_retry_is_answered_even_after_the_merchant_was_suspended(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    asker = client.as_((await given.connector(shop)).token)
    first = await asker.do("submitApplication", SHAPE, **APPLICATION)
    platform = client.as_((await given.platform()).token)
    await platform.do("suspendMerchant", merchantId=shop.global_id, reason="投诉")
    again = await asker.do("submitApplication", SHAPE, **APPLICATION)
    assert again == first | {"replayed": True}
    refusal = await asker.refused("submitApplication", **APPLICATION | {"externalRef": "A-2"})
    assert (refusal["code"], refusal["enrolment"]) == ("MERCHANT_NOT_ENABLED", "SUSPENDED")


@pytest.mark.parametrize(
    "enrolment", [one for one in EnrolmentStatus if one is not EnrolmentStatus.ENABLED]
)
async def test_a_merchant_that_is_not_enabled_takes_nothing_in(
    client: Client, given: World, enrolment: EnrolmentStatus
) -> None:
    shop = await given.merchant(enrolment=enrolment)
    asker = client.as_((await given.connector(shop)).token)
    refusal = await asker.refused("submitApplication", **APPLICATION)
    assert (refusal["code"], refusal["enrolment"]) == ("MERCHANT_NOT_ENABLED", enrolment)
    assert await counted(given) == [0, 0, 0]


@pytest.mark.parametrize(("items", "accepted"), [(0, 0), (1, 1), (MAX_ITEMS, 1), (51, 0)])
async def test_an_application_has_one_to_fifty_items(
    client: Client, given: World, items: int, accepted: int
) -> None:
    asker = await storefront(client, given)
    codes = await asker.codes("submitApplication", **APPLICATION | {"items": [ITEM] * items})
    assert codes == ([] if accepted else ["BAD_USER_INPUT"])
    assert await counted(given) == [accepted, accepted * items, accepted * items]


@pytest.mark.parametrize(
    "reason",
    ["QUALITY", "QUALITY.NONE", "NOT_ELIGIBLE.USED", "quality.broken", "BROKEN", "null", "原因"],
)
async def test_a_reason_is_of_the_second_level_and_for_applications(
    client: Client, given: World, reason: str
) -> None:
    asker = await storefront(client, given)
    items = [ITEM, ITEM | {"reason": reason}]
    refusal = await asker.refused("submitApplication", **APPLICATION | {"items": items})
    assert (refusal["code"], refusal["reason"]) == ("UNKNOWN_REASON", reason)
    assert refusal["path"] == ["items", "1", "reason"]
    assert await counted(given) == [0, 0, 0]


@pytest.mark.parametrize("field", ["unitPrice", "paidAmount"])
async def test_money_is_a_decimal_string_of_at_most_two_decimals(
    client: Client, given: World, field: str
) -> None:
    asker = await storefront(client, given)
    shape = f"application {{ serviceOrders {{ item {{ {field} }} }} }}"
    means = {
        "0": "0.00",
        "0.5": "0.50",
        "12.30": "12.30",
        "99999999999.99": "99999999999.99",
    }
    for said, answer in means.items():
        # The other amount is one that the paid amount can have.
        others = {"paidAmount": "0"} if field == "unitPrice" else {"unitPrice": "99999999999.99"}
        application = {**one(**others | {field: said}), "externalRef": said}
        payload = await asker.do("submitApplication", shape, **application)
        assert payload["application"]["serviceOrders"] == [{"item": {field: answer}}]
    before = await counted(given)
    for wrong in (
        "100000000000",
        "-1",
        "+1",
        "1.234",
        "1,000",
        "1e3",
        ".5",
        "1.",
        "01",
        "",
        " 1",
        "1\n",
        "１２",
        "٣",
        "NaN",
        "¥1",
        "9" * 5000,
        1,
        1.5,
        True,
        None,
        {"yuan": "1"},
        ["1"],
    ):
        application = one(**{field: wrong})
        assert await asker.codes("submitApplication", **application) == ["BAD_USER_INPUT"], wrong
    assert await counted(given) == before


@pytest.mark.parametrize(
    ("quantity", "accepted"), [(0, False), (-1, False), (1, True), (MAX_QUANTITY, True)]
)
async def test_a_quantity_is_one_at_least(
    client: Client, given: World, quantity: int, accepted: bool
) -> None:
    asker = await storefront(client, given)
    codes = await asker.codes("submitApplication", **one(quantity=quantity))
    assert codes == ([] if accepted else ["BAD_USER_INPUT"])


async def test_one_more_than_the_largest_quantity_is_refused(client: Client, given: World) -> None:
    asker = await storefront(client, given)
    codes = await asker.codes("submitApplication", **one(quantity=MAX_QUANTITY + 1))
    assert codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(("length", "accepted"), [(1, True), (1000, True), (1001, False)])
@pytest.mark.parametrize("character", ["x", "碎", "😀"])
async def test_a_description_has_at_most_a_thousand_characters(
    client: Client, given: World, length: int, accepted: bool, character: str
) -> None:
    assert MAX_DESCRIPTION == 1000
    asker = await storefront(client, given)
    said = character * length
    shape = "application { serviceOrders { description } }"
    if accepted:
        payload = await asker.do("submitApplication", shape, **one(description=said))
        assert payload["application"]["serviceOrders"] == [{"description": said}]
    else:
        with pytest.raises(Failed) as failure:
            await asker.do("submitApplication", shape, **one(description=said))
        assert failure.value.extensions == {
            "code": "BAD_USER_INPUT",
            "argument": ["items", "0", "description"],
        }


async def test_an_item_has_at_most_three_pictures(client: Client, given: World) -> None:
    asker = await storefront(client, given)
    photos = [(await asker.upload(jpeg(width)))["evidence"]["id"] for width in (10, 11, 12, 13)]
    refusal = await asker.refused("submitApplication", **one(evidenceIds=photos))
    assert (refusal["code"], refusal["limit"], refusal["found"]) == ("TOO_MANY_PICTURES", 3, 4)
    assert refusal["path"] == ["items", "0", "evidenceIds"]
    assert await counted(given) == [0, 0, 0]
    shape = "application { serviceOrders { pictures { id width } } }"
    payload = await asker.do("submitApplication", shape, **one(evidenceIds=photos[2::-1]))
    assert payload["application"]["serviceOrders"] == [
        {"pictures": [{"id": photos[at], "width": 10 + at} for at in (2, 1, 0)]}
    ]


async def test_another_merchant_s_picture_is_not_found(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    theirs = client.as_((await given.connector(other)).token)
    foreign = (await theirs.upload(jpeg()))["evidence"]["id"]
    sha256 = ids.decode(foreign).parts[1]
    mine = client.as_((await given.connector(shop)).token)
    for id_ in (foreign, ids.encode("Evidence", shop.id, sha256), shop.global_id):
        refusal = await mine.refused("submitApplication", **one(evidenceIds=[id_]))
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Evidence")
        assert refusal["path"] == ["items", "0", "evidenceIds", "0"]
    assert await counted(given) == [0, 0, 0]


async def test_a_pickup_address_is_checked_like_any_other(client: Client, given: World) -> None:
    asker = await storefront(client, given)
    wrong: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"detail": ""}, "INCOMPLETE_ADDRESS", ["pickupAddress"]),
        ({"cityCode": "320100"}, "UNKNOWN_DIVISION", ["pickupAddress", "cityCode"]),
    ]
    for change, code, path in wrong:
        said = {**APPLICATION, "pickupAddress": ADDRESS | change}
        refusal = await asker.refused("submitApplication", **said)
        assert (refusal["code"], refusal["path"]) == (code, path)
    codes = await asker.codes(
        "submitApplication", **APPLICATION | {"pickupAddress": ADDRESS | {"zip": "x"}}
    )
    assert codes == ["BAD_USER_INPUT"]
    assert await counted(given) == [0, 0, 0]
    assert await asker.codes("submitApplication", **APPLICATION | {"pickupAddress": ADDRESS}) == []


async def test_a_storefront_of_the_platform_must_say_for_which_merchant(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    asker = client.as_((await given.connector()).token)
    with pytest.raises(Failed) as failure:
        await asker.do("submitApplication", **APPLICATION)
    assert failure.value.extensions == {"code": "BAD_USER_INPUT", "argument": ["merchantId"]}
    unknown = await asker.refused(
        "submitApplication", **APPLICATION, merchantId=ids.encode("Merchant", 1)
    )
    assert (unknown["code"], unknown["kind"]) == ("NOT_FOUND", "Merchant")
    shape = "application { merchant { id } }"
    payload = await asker.do("submitApplication", shape, **APPLICATION, merchantId=shop.global_id)
    assert payload["application"] == {"merchant": {"id": shop.global_id}}


async def test_a_merchant_s_own_connector_submits_for_nobody_else(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    asker = client.as_((await given.connector(shop)).token)
    refusal = await asker.refused("submitApplication", **APPLICATION, merchantId=other.global_id)
    assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Merchant")
    assert await counted(given) == [0, 0, 0]
    assert await asker.codes("submitApplication", **APPLICATION, merchantId=shop.global_id) == []


async def test_a_storefront_sees_nothing_of_the_desk(client: Client, given: World) -> None:
    shop = await given.merchant()
    asker = client.as_((await given.connector(shop, [Permission.APPLICATION_SUBMIT])).token)
    await asker.do("submitApplication", **APPLICATION)
    with pytest.raises(Failed) as failure:
        await asker.ask("{ serviceOrders { totalCount } }")
    assert failure.value.code == "FORBIDDEN"


async def test_submitting_needs_the_scope_for_it(client: Client, given: World) -> None:
    shop = await given.merchant()
    asker = client.as_((await given.connector(shop, [Permission.CUSTOMER_ACT])).token)
    assert await asker.codes("submitApplication", **APPLICATION) == ["FORBIDDEN"]
    assert await counted(given) == [0, 0, 0]


async def test_two_submissions_of_one_reference_at_once_make_one_application(
    client: Client, given: World
) -> None:
    asker = await storefront(client, given)
    payloads = await asyncio.gather(
        *(asker.do("submitApplication", SHAPE, **APPLICATION) for _ in range(5))
    )
    assert sorted(payload["replayed"] for payload in payloads) == [False, True, True, True, True]
    assert len({payload["application"]["id"] for payload in payloads}) == 1
    assert await counted(given) == [1, 1, 1]
