"""Return address rules: which address each approval takes, and what the order says about it."""

from datetime import timedelta
from typing import Any, Final

import pytest

from doctor.examine import examine
from doctor.finding import Finding
from domain.destinations import MAX_RULES
from domain.permissions import Permission
from jobs.timers import fire_timers
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import ADDRESS, ITEM, Shop, World

pytestmark = pytest.mark.anyio

RULES: Final = "merchant { returnAddressRules { version rules { kind value returnAddressId } } }"
WHERE: Final = "returnAddress { detail } returnAddressRule"
REVIEW: Final = f"serviceOrder {{ review {{ {WHERE} }} }}"
GOODS: Final = (
    ({"sku": "AB-1"}, "SKU_PREFIX AB-", "北仓"),
    ({"sku": "AB-1", "warehouse": "南"}, "SKU_PREFIX AB-", "北仓"),
    ({"sku": "ab-1", "warehouse": "南"}, "WAREHOUSE 南", "南仓"),
    ({"sku": "X", "category": "手机"}, "CATEGORY 手机", "南仓"),
    ({"sku": "X", "category": "手机壳", "warehouse": "南 "}, "DEFAULT", "科技园路 1 号"),
    ({"sku": "X"}, "DEFAULT", "科技园路 1 号"),
)
"""Goods, the rule that they fit, and where they go. The last warehouse is that of a row from
elsewhere: the API trims."""


async def address(client: Client, detail: str, **said: Any) -> str:
    payload = await client.do(
        "saveReturnAddress", "returnAddress { id }", address=ADDRESS | {"detail": detail}, **said
    )
    return str(payload["returnAddress"]["id"])


def rule(kind: str, value: str, id_: str) -> dict[str, str]:
    return {"kind": kind, "value": value, "returnAddressId": id_}


async def with_rules(client: Client) -> dict[str, str]:
    """Two warehouses and three rules. Returns the ids of the addresses."""
    north, south = await address(client, "北仓"), await address(client, "南仓")
    rules = [
        rule("SKU_PREFIX", "AB-", north),
        rule("WAREHOUSE", "南", south),
        rule("CATEGORY", "手机", south),
    ]
    payload = await client.do("setReturnAddressRules", RULES, rules=rules, expectedVersion=0)
    assert payload["refusals"] == []
    assert payload["merchant"]["returnAddressRules"] == {"version": 1, "rules": rules}
    return {"north": north, "south": south}


async def findings(given: World) -> list[str]:
    """What the doctor finds."""
    found = list[Finding]()
    async with given.parts.database.read() as connection:
        await examine(connection, given.parts.pictures, given.now, found.append)
    return [finding.line() for finding in found if not finding.is_note]


def expected(rule_: str, detail: str) -> dict[str, Any]:
    return {"returnAddress": {"detail": detail}, "returnAddressRule": rule_}


async def test_an_approval_takes_the_first_rule_that_fits_and_says_which(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    await with_rules(owner)
    for goods, rule_, detail in GOODS:
        order = await given.order(shop, **goods)
        payload = await owner.do(
            "reviewServiceOrder", REVIEW, id=order.id, decision={"approve": {}}
        )
        assert payload["serviceOrder"]["review"] == expected(rule_, detail), goods
    assert await findings(given) == []


async def test_the_clock_takes_the_rules_too_in_one_batch(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    await with_rules(owner)
    orders = [await given.order(shop, **goods) for goods, _, _ in GOODS]
    clock.pass_(timedelta(hours=48))
    assert (await fire_timers(given.parts.database, clock.now())).approved == len(orders)
    query = f"query($id: ID!) {{ serviceOrder(id: $id) {{ review {{ {WHERE} }} }} }}"
    for order, (goods, rule_, detail) in zip(orders, GOODS, strict=True):
        found = await owner.ask(query, id=order.id)
        assert found["review"] == expected(rule_, detail), goods
    assert await findings(given) == []


async def test_a_plan_shows_the_address_of_each_order_and_the_batch_takes_it(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    addresses = await with_rules(owner)
    refs = await given.application(shop, 2, warehouse="南")
    batch: dict[str, Any] = {"ids": [ref.id for ref in refs], "decision": {"approve": {}}}
    query = f"""query($input: ReviewPlanInput!) {{ reviewPlan(input: $input) {{ planToken
      results {{ done {WHERE} }} }} }}"""
    plan = await owner.ask(query, input=batch)
    south = expected("WAREHOUSE 南", "南仓")
    assert plan["results"] == [{"done": True, **south}] * 2
    # The plan no longer holds once the rules send the goods elsewhere.
    rules = [rule("WAREHOUSE", "南", addresses["north"])]
    assert await owner.codes("setReturnAddressRules", rules=rules, expectedVersion=1) == []
    token = {"planToken": plan["planToken"]}
    assert await owner.codes("reviewServiceOrders", **batch, **token) == ["PLAN_CHANGED"]
    shape = f"results {{ serviceOrder {{ review {{ {WHERE} }} }} }}"
    payload = await owner.do("reviewServiceOrders", shape, **batch)
    assert [result["serviceOrder"]["review"] for result in payload["results"]] == [
        expected("WAREHOUSE 南", "北仓")
    ] * 2


async def test_an_address_that_a_person_names_comes_before_the_rules(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    addresses = await with_rules(owner)
    order = await given.order(shop, sku="AB-1", customer_ref="c-1")
    decision = {"approve": {"returnAddressId": addresses["south"]}}
    payload = await owner.do("reviewServiceOrder", REVIEW, id=order.id, decision=decision)
    assert payload["serviceOrder"]["review"] == expected("CHOSEN", "南仓")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    found = await customer.ask(
        f"""query($id: ID!) {{ serviceOrder(id: $id) {{ review {{ {WHERE} }}
          merchant {{ returnAddressRules {{ version }} }} timeline(last: 1) {{ details }} }} }}""",
        id=order.id,
    )
    assert found["review"]["returnAddressRule"] is None
    assert found["merchant"]["returnAddressRules"] is None
    assert list(found["timeline"][0]["details"]) == ["returnAddress"]


async def test_an_address_that_was_edited_is_the_one_that_rules_name(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    addresses = await with_rules(owner)
    await address(owner, "北二仓", id=addresses["north"])
    order = await given.order(shop, sku="AB-1")
    payload = await owner.do("reviewServiceOrder", REVIEW, id=order.id, decision={"approve": {}})
    assert payload["serviceOrder"]["review"] == expected("SKU_PREFIX AB-", "北二仓")
    assert await findings(given) == []


async def test_an_address_that_rules_name_cannot_be_deleted(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    addresses = await with_rules(owner)
    refusal = await owner.refused("deleteReturnAddress", id=addresses["south"])
    assert (refusal["code"], refusal["rules"]) == (
        "RETURN_ADDRESS_IN_USE",
        ["WAREHOUSE 南", "CATEGORY 手机"],
    )
    assert await owner.codes("setReturnAddressRules", rules=[], expectedVersion=1) == []
    assert await owner.codes("deleteReturnAddress", id=addresses["south"]) == []
    assert await findings(given) == []


async def test_of_two_people_who_set_the_rules_the_second_is_told(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    addresses = await with_rules(owner)
    rules = [rule("CATEGORY", "手机", addresses["north"])]
    given_rules: dict[str, Any] = {"rules": rules, "expectedVersion": 1}
    assert await owner.codes("setReturnAddressRules", **given_rules) == []
    refusal = await owner.refused("setReturnAddressRules", **given_rules)
    assert (refusal["code"], refusal["current"]) == ("ADDRESS_RULES_CHANGED", 2)
    found = await owner.ask("{ enrolment { merchant { returnAddressRules { version } } } }")
    assert found["merchant"]["returnAddressRules"] == {"version": 2}


async def test_rules_are_bounded_different_and_of_one_s_own_addresses(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("别家")
    owner = client.as_(shop.owner.token)
    own = await address(owner, "北仓")
    theirs = await address(client.as_(other.owner.token), "别仓")
    most = [rule("CATEGORY", f"类目 {at}", own) for at in range(MAX_RULES)]
    for rules, argument in (
        ([*most, rule("CATEGORY", "手机", own)], ["rules"]),
        ([most[0], most[1], most[0]], ["rules", "2", "value"]),
        ([rule("SKU_PREFIX", " ", own)], ["rules", "0", "value"]),
        ([rule("SKU_PREFIX", "好" * 65, own)], ["rules", "0", "value"]),
    ):
        with pytest.raises(Failed) as failed:
            await owner.do("setReturnAddressRules", rules=rules, expectedVersion=0)
        assert failed.value.extensions["argument"] == argument
    refusal = await owner.refused(
        "setReturnAddressRules", rules=[rule("CATEGORY", "手机", theirs)], expectedVersion=0
    )
    assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["rules", "0", "returnAddressId"])
    assert await owner.codes("setReturnAddressRules", rules=most, expectedVersion=0) == []
    reviewer = client.as_((await given.employee(shop, Permission.REVIEW)).token)
    assert await reviewer.codes("setReturnAddressRules", rules=[], expectedVersion=1) == [
        "FORBIDDEN"
    ]
    assert await findings(given) == []


async def test_category_and_warehouse_come_with_the_application(
    client: Client, given: World
) -> None:
    shop: Shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    await with_rules(owner)
    storefront = client.as_((await given.connector(shop)).token)
    shape = "application { serviceOrders { id item { category warehouse } } }"
    application = {
        "merchantId": shop.global_id,
        "externalRef": "A-1",
        "orderNumber": "P-1",
        "customerRef": "c-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
    }
    items = [ITEM | {"category": "耳机", "warehouse": "南"}]
    payload = await storefront.do("submitApplication", shape, **application, items=items)
    [order] = payload["application"]["serviceOrders"]
    assert order["item"] == {"category": "耳机", "warehouse": "南"}
    approved = await owner.do(
        "reviewServiceOrder", REVIEW, id=order["id"], decision={"approve": {}}
    )
    assert approved["serviceOrder"]["review"] == expected("WAREHOUSE 南", "南仓")
    with pytest.raises(Failed) as failed:
        await storefront.do(
            "submitApplication", **application, items=[ITEM | {"category": "好" * 65}]
        )
    assert failed.value.extensions["argument"] == ["items", "0", "category"]
