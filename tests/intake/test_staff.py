"""The staff submits applications for customers on the phone."""

from typing import Any

import pytest

from domain.permissions import Permission
from tests.client import Client, Failed
from tests.given import ITEM, Shop, World, jpeg

pytestmark = pytest.mark.anyio


def application(ref: str = "T-1", *pictures: str, **rest: Any) -> dict[str, Any]:
    return {
        "externalRef": ref,
        "orderNumber": "P-1",
        "customerRef": "c-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [ITEM | {"evidenceIds": list(pictures)}],
        **rest,
    }


async def clerk(client: Client, given: World, shop: Shop) -> Client:
    person = await given.employee(shop, Permission.APPLICATION_SUBMIT, name="小A")
    return client.as_(person.token)


async def test_an_employee_with_the_permission_submits_and_the_timeline_says_so(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    asker = await clerk(client, given, shop)
    payload = await asker.do("submitApplication", "application { id }", **application())
    assert payload["refusals"] == []
    again = await asker.do("submitApplication", "replayed", **application())
    assert (again["replayed"], again["refusals"]) == (True, [])
    query = "{ serviceOrders { nodes { customer { ref } timeline { kind actor { kind name } } } } }"
    seen = [
        (await client.as_(token).ask(query))["nodes"]
        for token in (shop.owner.token, (await given.customer(shop, "c-1")).token)
    ]
    actors = [{"kind": "EMPLOYEE", "name": name} for name in ("小A", "The merchant")]
    for nodes, actor in zip(seen, actors, strict=True):
        timeline = [{"kind": "SUBMITTED", "actor": actor}]
        assert nodes == [{"customer": {"ref": "c-1"}, "timeline": timeline}]


async def test_the_main_account_submits_and_an_employee_without_the_permission_does_not(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    assert await owner.codes("submitApplication", **application()) == []
    reviewer = client.as_((await given.reviewer(shop)).token)
    assert await reviewer.codes("submitApplication", **application("T-2")) == ["FORBIDDEN"]


async def test_the_permission_is_granted_through_a_role_like_any_other(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    said = {"name": "客服组", "permissions": ["APPLICATION_SUBMIT"]}
    payload = await owner.do("createRole", "role { id permissions }", **said)
    assert payload["role"]["permissions"] == ["APPLICATION_SUBMIT"]
    person = await given.employee(shop)
    roles = {"id": person.global_id, "roleIds": [payload["role"]["id"]]}
    assert await owner.codes("updateEmployee", **roles) == []
    assert await client.as_(person.token).codes("submitApplication", **application()) == []


async def test_staff_submit_for_their_own_merchant_alone(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    asker = await clerk(client, given, shop)
    said = application(merchantId=other.global_id)
    refusal = await asker.refused("submitApplication", **said)
    assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Merchant")
    assert await asker.codes("submitApplication", **application(merchantId=shop.global_id)) == []


async def test_submitting_shows_an_employee_nothing_else_of_the_desk(
    client: Client, given: World
) -> None:
    asker = await clerk(client, given, await given.merchant())
    with pytest.raises(Failed) as failure:
        await asker.ask("{ serviceOrders { totalCount } }")
    assert failure.value.code == "FORBIDDEN"


async def test_staff_attach_what_they_or_the_customer_uploaded(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    asker = await clerk(client, given, shop)
    uploaders = [
        asker,
        client.as_((await given.customer(shop, "c-1")).token),
        client.as_((await given.customer(shop, "c-2")).token),
    ]
    own, theirs, neighbours = [
        str((await one.upload(jpeg(10 + at)))["evidence"]["id"]) for at, one in enumerate(uploaders)
    ]
    refusal = await asker.refused("submitApplication", **application("T-1", own, neighbours))
    assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["items", "0", "evidenceIds", "1"])
    assert await asker.codes("submitApplication", **application("T-1", own, theirs)) == []


async def test_the_catalogue_says_that_staff_and_connectors_can_hold_it(client: Client) -> None:
    catalogue = await client.ask("{ permissions { permission holder holders } }")
    several = [entry for entry in catalogue if len(entry["holders"]) > 1]
    assert several == [
        {
            "permission": "APPLICATION_SUBMIT",
            "holder": "CONNECTOR",
            "holders": ["CONNECTOR", "STAFF"],
        }
    ]
    assert all(entry["holder"] == entry["holders"][0] for entry in catalogue)
