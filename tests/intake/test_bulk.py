"""Submitting many applications by one request: a result for each."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from models.application import applications
from models.service_order import events, service_orders
from resolvers.applications.submit_many import MAX_APPLICATIONS
from schema import ids
from tests.client import Client, Failed
from tests.given import ADDRESS, ITEM, Shop, World
from tests.house.test_statements import counting

pytestmark = pytest.mark.anyio

SHAPE = """results { index done replayed application { externalRef serviceOrders { number } }
  refusals { code message path retryable } }"""


OF_ITEM = {*ITEM, "evidenceIds", "logisticsIn", "purchasedQuantity"}


def application(number: int, /, **changes: Any) -> dict[str, Any]:
    """An application as a connector sends it, with everything that it can have."""
    item = ITEM | {"purchasedQuantity": 3, "category": "耳机", "warehouse": "华南一号仓"}
    return {
        "externalRef": f"A-{number}",
        "orderNumber": f"P-{number}",
        "customerRef": f"c-{number}",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "pickupAddress": ADDRESS,
        "items": [item | {"sku": f"SKU-{at}", "description": "屏幕碎了" * 20} for at in range(3)],
        "idempotencyKey": f"key-{number}",
        **changes,
    }


def small(number: int, /, **changes: Any) -> dict[str, Any]:
    """An application of one item, with changes to the application or to the item."""
    item = {name: changes.pop(name) for name in list(changes) if name in OF_ITEM}
    return application(number, pickupAddress=None) | {"items": [ITEM | item]} | changes


async def counted(given: World) -> list[int]:
    async with given.parts.database.read() as connection:
        return [
            (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in (applications, service_orders, events)
        ]


async def submit(client: Client, *entries: dict[str, Any]) -> list[Any]:
    payload = await client.do("submitApplications", SHAPE, applications=list(entries))
    assert payload["refusals"] == []
    results: list[Any] = payload["results"]
    assert [result["index"] for result in results] == list(range(len(entries)))
    for result in results:
        assert result["done"] is (result["application"] is not None)
        assert result["done"] is (result["refusals"] == [])
    return results


def codes(results: list[Any]) -> list[list[str]]:
    return [[refusal["code"] for refusal in result["refusals"]] for result in results]


@pytest.fixture
async def shop(given: World) -> Shop:
    return await given.merchant()


@pytest.fixture
async def storefront(client: Client, given: World, shop: Shop) -> Client:
    return client.as_((await given.connector(shop)).token)


@pytest.mark.asked_once
async def test_of_a_hundred_applications_one_is_bad_and_the_others_are_submitted_once(
    storefront: Client, given: World
) -> None:
    entries = [application(number) for number in range(MAX_APPLICATIONS)]
    good = entries[57]
    entries[57] = application(57, items=[*good["items"], ITEM | {"quantity": 0}])
    results = await submit(storefront, *entries)
    assert results[57]["refusals"] == [
        {
            "code": "INVALID_INPUT",
            "message": "This must be between 1 and 9999.",
            "path": ["applications", "57", "items", "3", "quantity"],
            "retryable": False,
        }
    ]
    assert [
        result["application"] and result["application"]["externalRef"] for result in results
    ] == [None if number == 57 else f"A-{number}" for number in range(MAX_APPLICATIONS)]
    assert await counted(given) == [99, 297, 297]

    entries[57] = good
    again = await submit(storefront, *entries)
    assert [result["replayed"] for result in again] == [at != 57 for at in range(MAX_APPLICATIONS)]
    others = [result for result in results if result["index"] != 57]
    assert [result for result in again if result["index"] != 57] == [
        result | {"replayed": True} for result in others
    ]
    assert await counted(given) == [100, 300, 300]


def test_a_hundred_real_applications_are_well_within_the_limit_of_a_body() -> None:
    entries = [application(number) for number in range(MAX_APPLICATIONS)]
    assert len(json.dumps(entries)) < 400 * 1024  # escaped: six bytes for each Chinese character


REFUSED: list[tuple[dict[str, Any], list[str], str]] = [
    ({"externalRef": " "}, ["externalRef"], "INVALID_INPUT"),
    ({"customerName": "x" * 65}, ["customerName"], "INVALID_INPUT"),
    ({"customerPhone": "1\n2"}, ["customerPhone"], "INVALID_INPUT"),
    ({"items": []}, ["items"], "INVALID_INPUT"),
    ({"items": [ITEM] * 51}, ["items"], "INVALID_INPUT"),
    ({"sku": ""}, ["items", "0", "sku"], "INVALID_INPUT"),
    ({"purchasedQuantity": 0}, ["items", "0", "purchasedQuantity"], "INVALID_INPUT"),
    ({"evidenceIds": ["x"]}, ["items", "0", "evidenceIds", "0"], "INVALID_INPUT"),
    ({"merchantId": ""}, ["merchantId"], "INVALID_INPUT"),
    ({"merchantId": ids.encode("Merchant", 1)}, ["merchantId"], "NOT_FOUND"),
    ({"idempotencyKey": ""}, ["idempotencyKey"], "INVALID_INPUT"),
    ({"idempotencyKey": "x" * 129}, ["idempotencyKey"], "INVALID_INPUT"),
    ({"reason": "QUALITY"}, ["items", "0", "reason"], "UNKNOWN_REASON"),
    ({"logisticsIn": "PICKUP"}, ["pickupAddress"], "NO_PICKUP_ADDRESS"),
    ({"paidAmount": "199.01"}, ["items", "0", "paidAmount"], "PAID_ABOVE_PRICE"),
    ({"quantity": 2, "purchasedQuantity": 1}, ["items", "0", "quantity"], "QUANTITY_EXCEEDED"),
    (
        {"evidenceIds": [ids.encode("Evidence", 1, "0" * 64)]},
        ["items", "0", "evidenceIds", "0"],
        "NOT_FOUND",
    ),
]


async def test_what_is_refused_concerns_its_application_alone_and_names_the_field(
    storefront: Client, given: World
) -> None:
    bad = [small(at, **changes) for at, (changes, _, _) in enumerate(REFUSED, start=1)]
    results = await submit(storefront, small(0), *bad, small(99))
    assert codes([results[0], results[-1]]) == [[], []]
    for at, (_, path, code) in enumerate(REFUSED, start=1):
        [refusal] = results[at]["refusals"]
        assert (refusal["code"], refusal["path"]) == (code, ["applications", str(at), *path])
    assert await counted(given) == [2, 2, 2]


async def test_the_message_is_in_the_language_of_the_request(storefront: Client) -> None:
    storefront.language = "zh-CN"
    [result] = await submit(storefront, small(0, quantity=0))
    assert result["refusals"][0]["message"] == "须在 1 至 9999 之间"


async def test_what_concerns_the_whole_batch_refuses_it(storefront: Client, given: World) -> None:
    equal_keys = [small(0), small(1), small(2, idempotencyKey="key-0")]
    too_many = [small(number) for number in range(MAX_APPLICATIONS + 1)]
    for entries, path in (
        ([], "applications"),
        (too_many, "applications"),
        (equal_keys, "applications.2.idempotencyKey"),
    ):
        with pytest.raises(Failed) as failed:
            await submit(storefront, *entries)
        assert failed.value.code == "BAD_USER_INPUT"
        assert failed.value.extensions["argument"] == path.split(".")
    assert await counted(given) == [0, 0, 0]


async def test_a_value_of_a_wrong_type_or_no_key_is_an_error_of_the_request(
    storefront: Client, given: World
) -> None:
    keyless = small(1)
    del keyless["idempotencyKey"]
    for wrong in (small(1, quantity="2"), small(1, expectation="NOTHING"), keyless):
        with pytest.raises(Failed) as failed:
            await submit(storefront, small(0), wrong)
        assert failed.value.code == "BAD_USER_INPUT"
    assert await counted(given) == [0, 0, 0]


async def test_an_application_that_was_sent_by_itself_is_the_same_in_a_batch(
    storefront: Client, given: World
) -> None:
    first = await storefront.do("submitApplication", "application { externalRef }", **small(0))
    assert first["refusals"] == []
    results = await submit(storefront, small(0), small(1))
    assert [result["replayed"] for result in results] == [True, False]
    alone = await storefront.do("submitApplication", "replayed", **small(1))
    assert (alone["replayed"], alone["refusals"]) == (True, [])
    assert await counted(given) == [2, 2, 2]


async def test_a_key_or_a_reference_of_another_application_is_refused(
    storefront: Client, given: World
) -> None:
    await submit(storefront, small(0), small(1))
    results = await submit(
        storefront,
        small(0, customerName="李大花"),
        small(1, customerName="李大花", idempotencyKey="key-2"),
        small(1, idempotencyKey="key-3"),
    )
    assert codes(results) == [["IDEMPOTENCY_KEY_REUSED"], ["EXTERNAL_REF_REUSED"], []]
    assert [refusal["path"] for result in results for refusal in result["refusals"]] == [
        ["applications", "0", "idempotencyKey"],
        ["applications", "1", "externalRef"],
    ]
    assert results[2]["replayed"]
    assert await counted(given) == [2, 2, 2]


async def test_of_applications_for_the_last_unit_the_first_in_the_list_gets_it(
    storefront: Client, given: World
) -> None:
    same = {"orderNumber": "P-1", "purchasedQuantity": 1}
    others = [small(number) for number in range(10, 20)]
    entries = [small(number, **same) for number in range(4)]
    results = await submit(storefront, *entries[:2], *others, *entries[2:])
    assert codes(results) == [[], ["QUANTITY_EXCEEDED"], *[[]] * 10, *[["QUANTITY_EXCEEDED"]] * 2]


async def test_a_merchant_that_is_not_enabled_gets_no_application(
    client: Client, given: World
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.SUSPENDED)
    storefront = client.as_((await given.connector(shop)).token)
    results = await submit(storefront, small(0), small(1))
    assert codes(results) == [["MERCHANT_NOT_ENABLED"]] * 2


async def test_a_connector_of_the_platform_names_the_merchant_of_each_application(
    client: Client, given: World
) -> None:
    shops = [await given.merchant("甲"), await given.merchant("乙")]
    storefront = client.as_((await given.connector()).token)
    entries = [small(at, merchantId=shop.global_id) for at, shop in enumerate(shops)]
    unnamed, unknown = small(2), small(3, merchantId=ids.encode("Merchant", 1))
    payload = await storefront.do(
        "submitApplications",
        "results { application { merchant { name } } refusals { code path } }",
        applications=[*entries, unnamed, unknown],
    )
    results = payload["results"]
    assert [result["application"] for result in results] == [
        {"merchant": {"name": "甲"}},
        {"merchant": {"name": "乙"}},
        None,
        None,
    ]
    assert [result["refusals"] for result in results[2:]] == [
        [{"code": "INVALID_INPUT", "path": ["applications", "2", "merchantId"]}],
        [{"code": "NOT_FOUND", "path": ["applications", "3", "merchantId"]}],
    ]


async def test_staff_with_the_permission_may_and_others_may_not(
    client: Client, given: World, shop: Shop
) -> None:
    clerk = client.as_((await given.employee(shop, Permission.APPLICATION_SUBMIT)).token)
    assert codes(await submit(clerk, small(0), small(1))) == [[], []]
    for person in (await given.reviewer(shop), await given.customer(shop)):
        with pytest.raises(Failed) as failed:
            await submit(client.as_(person.token), small(2))
        assert failed.value.code == "FORBIDDEN"


@pytest.mark.asked_once
async def test_the_answer_takes_as_many_statements_for_twelve_applications_as_for_one(
    storefront: Client, given: World
) -> None:
    database = given.parts.database
    answering = []
    for first, number in ((0, 1), (100, 12)):
        entries = [small(first + at) for at in range(number)]
        await submit(storefront, *entries)
        counts = []
        for shape in ("index", "application { externalRef serviceOrders { number } }"):
            with counting(database.reading, database.writing) as statements:
                await storefront.do(
                    "submitApplications", f"results {{ {shape} }}", applications=entries
                )
            counts.append(len(statements))
        answering.append(counts[1] - counts[0])
    assert answering[0] == answering[1]
