"""A merchant's own reasons: kept by the merchant, chosen in decisions, shown on orders."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from domain.own_reasons import MAX_OWN_REASONS
from domain.permissions import Permission
from domain.reasons import REASONS, ReasonUse
from models.reason import reasons
from tests.client import Client, Failed
from tests.given import ITEM, Shop, World
from tests.house.test_statements import counting

pytestmark = pytest.mark.anyio

ENTRY = "reason { code nameZh nameEn parentCode use own decisions position retiredAt }"
STOCK: dict[str, Any] = {
    "use": "REVIEW",
    "handle": "OUT_OF_STOCK",
    "parentCode": "NOT_ELIGIBLE",
    "nameZh": "缺货",
    "nameEn": "Out of stock",
    "decisions": ["REJECT", "RESEND"],
}
COLOUR: dict[str, Any] = {
    "use": "APPLICATION",
    "handle": "COLOUR",
    "parentCode": "PREFERENCE",
    "nameZh": "颜色不喜欢",
}
LIST = """query(
  $use: ReasonUse, $decision: ServiceOrderAction, $merchant: ID, $all: Boolean = false
) {
  reasons(use: $use, decision: $decision, merchantId: $merchant, includeRetired: $all) {
    code name retiredAt } }"""
REVIEWED = "serviceOrder { status review { reason { code name nameZh nameEn parentCode own } } }"


def rejecting(reason: str) -> dict[str, Any]:
    return {"reject": {"reason": reason, "customerNote": "抱歉"}}


async def desk(client: Client, given: World) -> tuple[Shop, Client]:
    shop = await given.merchant()
    return shop, client.as_(shop.owner.token)


async def listed(client: Client, **variables: Any) -> list[str]:
    return [reason["code"] for reason in await client.ask(LIST, **variables)]


async def test_an_own_reason_is_made_listed_in_its_group_and_chosen_in_a_decision(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    made = await owner.do("createReason", ENTRY, **STOCK)
    assert made["refusals"] == []
    assert made["reason"] == {
        "code": "XR.OUT_OF_STOCK",
        "nameZh": "缺货",
        "nameEn": "Out of stock",
        "parentCode": "NOT_ELIGIBLE",
        "use": "REVIEW",
        "own": True,
        "decisions": ["REJECT", "RESEND"],
        "position": 0,
        "retiredAt": None,
    }
    codes = await listed(owner, use="REVIEW")
    assert codes.index("XR.OUT_OF_STOCK") == codes.index("EVIDENCE") - 1
    order = await given.order(shop)
    decision = rejecting("XR.OUT_OF_STOCK")
    payload = await owner.do("reviewServiceOrder", REVIEWED, id=order.id, decision=decision)
    assert payload["serviceOrder"]["review"]["reason"] == {
        "code": "XR.OUT_OF_STOCK",
        "name": "Out of stock",
        "nameZh": "缺货",
        "nameEn": "Out of stock",
        "parentCode": "NOT_ELIGIBLE",
        "own": True,
    }


async def test_an_own_group_stands_after_the_platforms_with_its_reasons_by_position(
    client: Client, given: World
) -> None:
    _, owner = await desk(client, given)
    group = await owner.do("createReason", ENTRY, use="REVIEW", handle="SHOP", nameZh="店铺")
    assert group["reason"]["nameEn"] == "店铺"
    for handle, position in (("LAST", 9), ("FIRST", 1), ("SECOND", 1)):
        inside = STOCK | {"handle": handle, "parentCode": "XR.SHOP", "position": position}
        assert (await owner.do("createReason", ENTRY, **inside))["refusals"] == []
    own = ["XR.SHOP", "XR.FIRST", "XR.SECOND", "XR.LAST"]
    assert (await listed(owner))[len(REASONS) :] == own
    await owner.do("updateReason", ENTRY, code="XR.LAST", position=0)
    assert (await listed(owner, use="REVIEW"))[-3:] == ["XR.LAST", "XR.FIRST", "XR.SECOND"]
    assert await listed(owner, use="APPLICATION") == [
        code for code, reason in REASONS.items() if reason.use is ReasonUse.APPLICATION
    ]


async def test_a_code_that_is_not_given_is_made_and_can_be_chosen(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    codes = set()
    for _ in range(2):
        made = await owner.do("createReason", ENTRY, **STOCK | {"handle": None})
        codes.add(made["reason"]["code"])
    assert len(codes) == 2
    for code in codes:
        assert code.startswith("XR.R")
        order = await given.order(shop)
        payload = await owner.do(
            "reviewServiceOrder", REVIEWED, id=order.id, decision=rejecting(code)
        )
        assert payload["serviceOrder"]["review"]["reason"]["code"] == code


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"handle": "out of stock"}, ["handle"]),
        ({"nameZh": " "}, ["nameZh"]),
        ({"nameZh": "缺" * 65}, ["nameZh"]),
        ({"nameEn": "x" * 65}, ["nameEn"]),
        ({"decisions": []}, ["decisions"]),
        ({"decisions": ["CANCEL"]}, ["decisions"]),
        ({"decisions": ["REJECT"] * 6}, ["decisions"]),
        ({"position": -1}, ["position"]),
        ({"position": 10_000}, ["position"]),
        ({"parentCode": None}, ["decisions"]),
        ({"use": "APPLICATION", "parentCode": "QUALITY"}, ["decisions"]),
    ],
)
async def test_a_malformed_reason_is_bad_input(
    client: Client, given: World, changes: dict[str, Any], argument: list[str]
) -> None:
    _, owner = await desk(client, given)
    with pytest.raises(Failed) as failed:
        await owner.do("createReason", **STOCK | changes)
    assert (failed.value.code, failed.value.extensions["argument"]) == ("BAD_USER_INPUT", argument)
    assert await listed(owner) == list(REASONS)


async def test_a_reason_lies_in_a_group_of_its_use_that_is_not_retired(
    client: Client, given: World
) -> None:
    _, owner = await desk(client, given)
    for parent in ("QUALITY", "NOT_ELIGIBLE.USED", "XR.NONE", "NONE"):
        refusal = await owner.refused("createReason", **STOCK | {"parentCode": parent})
        assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["parentCode"])
    await owner.do("retireReason", code="NOT_ELIGIBLE")
    refusal = await owner.refused("createReason", **STOCK)
    assert (refusal["code"], refusal["reason"]) == ("REASON_RETIRED", "NOT_ELIGIBLE")


async def test_a_code_is_taken_once_also_by_a_retired_reason(client: Client, given: World) -> None:
    _, owner = await desk(client, given)
    await owner.do("createReason", **STOCK)
    await owner.do("retireReason", code="XR.OUT_OF_STOCK")
    refusal = await owner.refused("createReason", **STOCK)
    assert (refusal["code"], refusal["reason"]) == ("REASON_CODE_TAKEN", "XR.OUT_OF_STOCK")
    assert (await owner.do("createReason", **COLOUR | {"handle": "OUT_OF_STOCK"}))["refusals"] == []


async def test_a_merchant_has_two_hundred_reasons_at_most_retired_ones_included(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    rows = [
        {
            "merchant_id": shop.id,
            "code": f"XR.A{number}",
            "name_zh": "组",
            "name_en": "group",
            "decisions": [],
            "position": 0,
            "created_at": given.now,
            "updated_at": given.now,
            "retired_at": given.now,
        }
        for number in range(MAX_OWN_REASONS - 1)
    ]
    async with given.parts.database.write() as connection:
        await connection.execute(sa.insert(reasons), rows)
    assert (await owner.do("createReason", **STOCK))["refusals"] == []
    refusal = await owner.refused("createReason", **COLOUR)
    assert (refusal["code"], refusal["limit"]) == ("TOO_MANY_REASONS", MAX_OWN_REASONS)


async def test_names_decisions_and_position_change_and_the_rest_stays(
    client: Client, given: World
) -> None:
    _, owner = await desk(client, given)
    before = (await owner.do("createReason", ENTRY, **STOCK))["reason"]
    changes: tuple[dict[str, Any], ...] = (
        {"nameZh": "断货"},
        {"nameEn": "Sold out"},
        {"decisions": ["RECORD_GIVE_UP", "APPROVE", "APPROVE"]},
        {"position": 7},
    )
    for change in changes:
        after = await owner.do("updateReason", ENTRY, code=before["code"], **change)
        if "decisions" in change:
            change["decisions"] = ["APPROVE", "RECORD_GIVE_UP"]
        before |= change
        assert after["reason"] == before
    with pytest.raises(Failed, match="decisions"):
        await owner.do("updateReason", code=before["code"], decisions=[])
    for code in ("AGREED.OTHER", "AGREED", "XR.NONE"):
        refusal = await owner.refused("updateReason", code=code, nameZh="好")
        assert refusal["code"] == "NOT_FOUND"


async def test_an_order_keeps_the_names_that_its_reason_had_when_it_was_retired_and_renamed(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    code = await given.own_reason(shop)
    order = await given.order(shop)
    await owner.do("reviewServiceOrder", id=order.id, decision=rejecting(code))
    await owner.do("updateReason", code=code, nameZh="断货", nameEn="Sold out")
    await owner.do("retireReason", code=code)
    query = "query($id: ID!) { serviceOrder(id: $id) { review { reason { name retiredAt } } } }"
    for language, name in (("en", "Out of stock"), ("zh-CN", "缺货")):
        reader = Client(owner.http, owner.token, language)
        answer = await reader.ask(query, id=order.id)
        assert answer["review"]["reason"] == {"name": name, "retiredAt": None}
    customer = client.as_((await given.customer(shop)).token)
    assert (await customer.ask(query, id=order.id))["review"]["reason"]["name"] == "Out of stock"


@pytest.mark.parametrize("code", ["XR.STOCK", "NOT_ELIGIBLE.USED"])
async def test_a_retired_reason_is_listed_on_demand_and_cannot_be_chosen_until_it_is_restored(
    client: Client, given: World, code: str
) -> None:
    shop, owner = await desk(client, given)
    await given.own_reason(shop)
    order = await given.order(shop)
    retired = await owner.do("retireReason", ENTRY, code=code)
    assert retired["reason"]["retiredAt"] is not None
    assert code not in await listed(owner)
    assert code in await listed(owner, all=True)
    decision = rejecting(code)
    refusal = await owner.refused("reviewServiceOrder", id=order.id, decision=decision)
    assert (refusal["code"], refusal["reason"]) == ("REASON_RETIRED", code)
    assert refusal["path"] == ["decision", "reason"]
    again = await owner.refused("retireReason", code=code)
    assert (again["code"], again["reason"]) == ("REASON_RETIRED", code)
    restored = await owner.do("restoreReason", ENTRY, code=code)
    assert restored["reason"]["retiredAt"] is None
    refusal = await owner.refused("restoreReason", code=code)
    assert refusal["code"] == "REASON_NOT_RETIRED"
    assert code in await listed(owner)
    done = await owner.do("reviewServiceOrder", id=order.id, decision=decision)
    assert done["refusals"] == []


async def test_a_retired_group_retires_all_in_it_until_it_is_restored(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    own = [await given.own_reason(shop), "XR.SHOP", "XR.IN"]
    await given.own_reason(shop, "SHOP", parent=None, decisions=[])
    await given.own_reason(shop, "IN", parent="XR.SHOP")
    for group, inside in (("NOT_ELIGIBLE", own[0]), ("XR.SHOP", "XR.IN")):
        await owner.do("retireReason", code=group)
        codes = await listed(owner)
        assert group not in codes
        assert inside not in codes
        order = await given.order(shop)
        decision = rejecting(inside)
        refusal = await owner.refused("reviewServiceOrder", id=order.id, decision=decision)
        assert refusal["code"] == "REASON_RETIRED"
        await owner.do("restoreReason", code=group)
        assert {group, inside} <= set(await listed(owner))
    for code in ("XR.NONE", "NONE"):
        for mutation in ("retireReason", "restoreReason"):
            refusal = await owner.refused(mutation, code=code)
            assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Reason")


NOTE: dict[str, Any] = {"customerNote": "好"}
OUTCOMES: dict[str, dict[str, Any]] = {
    "APPROVE": {"approve": NOTE},
    "REJECT": {"reject": NOTE},
    "RESEND": {"resend": {"goods": "耳机", "later": True, **NOTE}},
    "REQUEST_FEEDBACK": {"requestFeedback": {"question": "照片?"}},
    "RECORD_GIVE_UP": {"recordGiveUp": NOTE},
}


@pytest.mark.parametrize("decision", OUTCOMES)
async def test_each_decision_takes_the_reasons_that_are_for_it_and_refuses_the_others(
    client: Client, given: World, decision: str
) -> None:
    shop, owner = await desk(client, given)
    await given.own_reason(shop, "MINE", decisions=[decision])
    others = [action for action in OUTCOMES if action != decision]
    await given.own_reason(shop, "THEIRS", decisions=others)
    [(name, said)] = OUTCOMES[decision].items()
    order = await given.order(shop)
    refusal = await owner.refused(
        "reviewServiceOrder", id=order.id, decision={name: said | {"reason": "XR.THEIRS"}}
    )
    assert refusal["code"] == "REASON_NOT_FOR_DECISION"
    assert (refusal["decision"], refusal["decisions"]) == (decision, others)
    mine = {name: said | {"reason": "XR.MINE"}}
    payload = await owner.do("reviewServiceOrder", REVIEWED, id=order.id, decision=mine)
    assert payload["serviceOrder"]["review"]["reason"]["code"] == "XR.MINE"
    codes = await listed(owner, decision=decision)
    assert "XR.MINE" in codes
    assert "XR.THEIRS" not in codes
    assert "QUALITY" not in codes


async def test_a_batch_takes_own_reasons_and_refuses_those_that_are_not_for_it(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    code = await given.own_reason(shop)
    orders = [await given.order(shop), await given.order(shop)]
    batch = {"ids": [order.id for order in orders]}
    give_up = {"recordGiveUp": {"customerNote": "好", "reason": code}}
    refusal = await owner.refused("reviewServiceOrders", **batch, decision=give_up)
    assert refusal["code"] == "REASON_NOT_FOR_DECISION"
    await owner.do("retireReason", code="NOT_ELIGIBLE")
    shape = "results { done refusals { code } }"
    results = await owner.do("reviewServiceOrders", shape, **batch, decision=rejecting(code))
    assert [result["refusals"] for result in results["results"]] == [
        [{"code": "REASON_RETIRED"}]
    ] * 2
    await owner.do("restoreReason", code="NOT_ELIGIBLE")
    results = await owner.do("reviewServiceOrders", shape, **batch, decision=rejecting(code))
    assert [result["done"] for result in results["results"]] == [True, True]
    for order in orders:
        assert (await given.row(order)).own_review_reason["zh"] == "缺货"


async def test_a_reason_of_the_platform_replaces_an_own_one_whole(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    await given.own_reason(shop, decisions=["REQUEST_FEEDBACK"])
    order = await given.order(shop)
    ask = {"requestFeedback": {"question": "照片?", "reason": "XR.STOCK"}}
    await owner.do("reviewServiceOrder", id=order.id, decision=ask)
    decision = rejecting("EVIDENCE.INSUFFICIENT")
    payload = await owner.do("reviewServiceOrder", REVIEWED, id=order.id, decision=decision)
    assert payload["serviceOrder"]["review"]["reason"]["name"] == "Not enough evidence"
    assert (await given.row(order)).own_review_reason is None


async def test_another_merchants_reason_is_unknown_and_is_listed_nowhere(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    other = await given.merchant("另一家")
    code = await given.own_reason(other)
    order = await given.order(shop)
    decision = rejecting(code)
    refusal = await owner.refused("reviewServiceOrder", id=order.id, decision=decision)
    assert (refusal["code"], refusal["reason"]) == ("UNKNOWN_REASON", code)
    assert await listed(owner, all=True) == list(REASONS)
    with pytest.raises(Failed) as failed:
        await listed(owner, merchant=other.global_id)
    assert failed.value.code == "NOT_FOUND"
    for mutation in ("updateReason", "retireReason", "restoreReason"):
        assert (await owner.refused(mutation, code=code))["code"] == "NOT_FOUND"
    await client.as_(other.owner.token).do("retireReason", code="NOT_ELIGIBLE.USED")
    assert "NOT_ELIGIBLE.USED" in await listed(owner)


async def test_customers_and_storefronts_see_own_reasons_for_applications_and_none_for_reviews(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    applying = await given.own_reason(shop, code="XA.COLOUR", parent="PREFERENCE", decisions=[])
    reviewing = await given.own_reason(shop)
    customer, storefront = await given.customer(shop), await given.connector(shop)
    platforms_storefront = await given.connector()
    reviewer, admin = await given.reviewer(shop), await given.platform()
    own = {applying, reviewing}
    for person, merchant, expected in (
        (customer, None, {applying}),
        (storefront, None, {applying}),
        (platforms_storefront, None, set()),
        (platforms_storefront, shop.global_id, {applying}),
        (reviewer, None, own),
        (reviewer, shop.global_id, own),
        (admin, shop.global_id, own),
        (admin, None, set()),
    ):
        codes = await listed(client.as_(person.token), merchant=merchant)
        assert own & set(codes) == expected
    assert await listed(client) == list(REASONS)
    with pytest.raises(Failed) as failed:
        await listed(client, merchant=shop.global_id)
    assert failed.value.code == "UNAUTHENTICATED"


def application(**changes: Any) -> dict[str, Any]:
    return {
        "externalRef": "A-1",
        "orderNumber": "P-1",
        "customerRef": "c-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [ITEM | {"reason": "XA.COLOUR"}, ITEM],
        **changes,
    }


async def test_a_customer_applies_with_an_own_reason_of_the_merchant(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    storefront = client.as_((await given.connector(shop)).token)
    shape = "replayed application { serviceOrders { reason { code name own } } }"
    refusal = await storefront.refused("submitApplication", shape, **application())
    assert (refusal["code"], refusal["path"]) == ("UNKNOWN_REASON", ["items", "0", "reason"])
    await owner.do("createReason", **COLOUR)
    await given.own_reason(shop)
    wrong = application(items=[ITEM, ITEM | {"reason": "XR.STOCK"}])
    refusal = await storefront.refused("submitApplication", shape, **wrong)
    assert (refusal["code"], refusal["path"]) == ("UNKNOWN_REASON", ["items", "1", "reason"])
    for retired in ("QUALITY", "PREFERENCE", "QUALITY.BROKEN", "XA.COLOUR"):
        await owner.do("retireReason", code=retired)
        refusal = await storefront.refused("submitApplication", shape, **application())
        assert refusal["code"] == "REASON_RETIRED"
        await owner.do("restoreReason", code=retired)
    payload = await storefront.do("submitApplication", shape, **application())
    assert [order["reason"] for order in payload["application"]["serviceOrders"]] == [
        {"code": "XA.COLOUR", "name": "颜色不喜欢", "own": True},
        {"code": "QUALITY.BROKEN", "name": "Broken", "own": False},
    ]
    # What was accepted is answered again, whatever was retired since.
    await owner.do("retireReason", code="XA.COLOUR")
    assert (await storefront.do("submitApplication", shape, **application()))["replayed"]


@pytest.mark.parametrize(
    ("permission", "allowed"), [(Permission.SETTINGS_MANAGE, True), (Permission.REVIEW, False)]
)
async def test_reasons_are_kept_by_those_who_manage_settings(
    client: Client, given: World, permission: Permission, *, allowed: bool
) -> None:
    shop = await given.merchant()
    employee = client.as_((await given.employee(shop, permission)).token)
    for mutation, said in (
        ("createReason", STOCK),
        ("updateReason", {"code": "XR.OUT_OF_STOCK", "nameZh": "断货"}),
        ("retireReason", {"code": "XR.OUT_OF_STOCK"}),
        ("restoreReason", {"code": "XR.OUT_OF_STOCK"}),
    ):
        assert await employee.codes(mutation, **said) == ([] if allowed else ["FORBIDDEN"])


async def test_of_many_who_make_one_reason_at_once_one_makes_it_and_the_others_are_told(
    client: Client, given: World
) -> None:
    _, owner = await desk(client, given)
    answers = await asyncio.gather(*[owner.codes("createReason", **STOCK) for _ in range(6)])
    assert sorted(answers) == [[], *[["REASON_CODE_TAKEN"]] * 5]
    # Two who retire different reasons of the platform keep each other's.
    codes = ["AGREED.OTHER", "NOT_ELIGIBLE.USED", "EVIDENCE.INSUFFICIENT", "QUALITY.FLAW"]
    done = await asyncio.gather(*[owner.codes("retireReason", code=code) for code in codes])
    assert done == [[]] * 4
    assert not set(codes) & set(await listed(owner))


@pytest.mark.asked_once
async def test_a_decision_looks_up_an_own_reason_and_nothing_for_the_platforms(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    code = await given.own_reason(shop)
    engines = (given.parts.database.reading, given.parts.database.writing)
    counts = []
    for reason in ("NOT_ELIGIBLE.USED", code, "NOT_ELIGIBLE.USED"):
        order = await given.order(shop)
        with counting(*engines) as statements:
            await owner.do("reviewServiceOrder", REVIEWED, id=order.id, decision=rejecting(reason))
        counts.append(len(statements))
    assert counts[1] == counts[2] + 1
    # Showing it takes nothing more, however many orders there are.
    page = "{ serviceOrders(first: 50) { nodes { reason { name } review { reason { name } } } } }"
    with counting(*engines) as statements:
        nodes = (await owner.ask(page))["nodes"]
    assert len(nodes) == 3
    [statement] = [text for text in statements if "service_order" in text]
    assert " JOIN " not in statement
