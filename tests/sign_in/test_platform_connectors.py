"""Connectors of the platform: each serves a list of merchants, or all of them, and nobody else."""

from typing import Any, Final

import pytest

from domain.permissions import Permission
from domain.scopes import SCOPES
from domain.statuses import Status
from tests.client import Client, Failed
from tests.given import ITEM, Person, Shop, World, jpeg

pytestmark = pytest.mark.anyio

P = Permission
SHAPE: Final = (
    "connector { id name scopes merchantIds owner { name } createdBy { kind name } disabledAt }"
)
ORDERS: Final = "query($m: ID) { serviceOrders(merchantId: $m) { nodes { id } } }"
ORDER: Final = "query($id: ID!) { serviceOrder(id: $id) { id } }"
NODE: Final = "query($id: ID!) { node(id: $id) { id } }"
WHOLE: Final = tuple(sorted(SCOPES))


@pytest.fixture
async def shops(given: World) -> tuple[Shop, Shop]:
    """A merchant that the connector serves, and one that it does not."""
    return await given.merchant("京北数码"), await given.merchant("另一家")


@pytest.fixture
async def platform(given: World) -> Person:
    return await given.platform()


async def made(client: Client, by: Person, *shops: Shop, scopes: Any = WHOLE) -> Any:
    served: dict[str, Any] = (
        {"merchantIds": [shop.global_id for shop in shops]} if shops else {"allMerchants": True}
    )
    return await client.as_(by.token).do(
        "createPlatformConnector", f"{SHAPE} token", name="商城", scopes=scopes, **served
    )


def application(shop: Shop, **rest: Any) -> dict[str, Any]:
    return {
        "merchantId": shop.global_id,
        "externalRef": "A-1",
        "orderNumber": "P-1",
        "customerRef": "customer-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [ITEM],
        **rest,
    }


async def refused(client: Client, query: str, **variables: Any) -> str:
    with pytest.raises(Failed) as failure:
        await client.ask(query, **variables)
    return failure.value.code


async def test_the_platform_makes_lists_changes_and_disables_a_connector(
    client: Client, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    mine, other = shops
    payload = await made(client, platform, mine, mine)
    assert payload["refusals"] == []
    connector = payload["connector"]
    assert connector["merchantIds"] == [mine.global_id]
    assert (connector["owner"], connector["createdBy"]) == (
        None,
        {"kind": "PLATFORM", "name": "平台小王"},
    )
    asker = client.as_(platform.token)
    query = f"{{ platformConnectors {SHAPE.removeprefix('connector ')} }}"
    assert await asker.ask(query) == [connector]
    both = {"merchantIds": [other.global_id, mine.global_id]}
    changed = await asker.do("setPlatformConnectorMerchants", SHAPE, id=connector["id"], **both)
    served = changed["connector"]["merchantIds"]
    assert served == [shop.global_id for shop in sorted(shops, key=lambda shop: shop.id)]
    said = {"id": connector["id"], "allMerchants": True}
    changed = await asker.do("setPlatformConnectorMerchants", SHAPE, **said)
    assert changed["connector"]["merchantIds"] is None
    assert await asker.codes("disablePlatformConnector", id=connector["id"]) == []
    [listed] = await asker.ask(query)
    assert listed["disabledAt"] is not None
    assert await asker.codes("setPlatformConnectorMerchants", **said) == ["NOT_FOUND"]
    storefront = client.as_(payload["token"])
    assert await storefront.codes("submitApplication", **application(mine)) == ["UNAUTHENTICATED"]


async def test_every_use_is_limited_to_the_merchants_that_it_serves(
    client: Client, given: World, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    mine, other = shops
    storefront = client.as_((await made(client, platform, mine))["token"])
    assert await storefront.codes("submitApplication", **application(mine)) == []
    for mutation, said in (
        ("submitApplication", application(other)),
        ("issueCustomerToken", {"customerRef": "c-1", "merchantId": other.global_id}),
    ):
        assert await storefront.codes(mutation, **said) == ["NOT_FOUND"], mutation
    uploaded = await storefront.upload(jpeg(), merchantId=other.global_id)
    assert [refusal["code"] for refusal in uploaded["refusals"]] == ["NOT_FOUND"]
    own, theirs = [await given.order(shop) for shop in shops]
    seen = [node["id"] for node in (await storefront.ask(ORDERS, m=mine.global_id))["nodes"]]
    assert own.id in seen
    assert theirs.id not in seen
    assert (await storefront.ask(ORDERS, m=other.global_id))["nodes"] == []
    assert await refused(storefront, ORDERS) == "BAD_USER_INPUT"
    assert await storefront.ask(ORDER, id=own.id) == {"id": own.id}
    assert await storefront.ask(ORDER, id=theirs.id) is None
    photo = (await client.as_(other.owner.token).upload(jpeg()))["evidence"]["id"]
    for id_ in (theirs.id, theirs.application_id, other.global_id, photo):
        assert await storefront.ask(NODE, id=id_) is None, id_
    for id_ in (own.id, own.application_id, mine.global_id):
        assert await storefront.ask(NODE, id=id_) == {"id": id_}


async def test_refunds_are_reported_at_the_merchants_that_it_serves(
    client: Client, given: World, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    storefront = client.as_((await made(client, platform, shops[0]))["token"])
    answers: list[Any] = []
    for shop in shops:
        order = await given.in_status(shop, Status.AWAITING_CONFIRMATION, pending_refunds=1)
        refund = await given.refund(order)
        shape = "serviceOrder { id } refund { status }"
        answers.append(
            await storefront.do("reportRefund", shape, id=refund, outcome="SUCCEEDED")
            if shop is shops[0]
            else await storefront.codes("reportRefund", id=refund, outcome="SUCCEEDED")
        )
    assert answers[0]["refund"] == {"status": "SUCCEEDED"}
    assert answers[1] == ["NOT_FOUND"]


async def test_a_merchant_that_is_taken_off_the_list_is_out_of_reach_at_once(
    client: Client, given: World, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    mine, other = shops
    payload = await made(client, platform, mine, other)
    storefront = client.as_(payload["token"])
    issued = await storefront.do(
        "issueCustomerToken", "accessToken", customerRef="customer-1", merchantId=other.global_id
    )
    customer = client.as_(issued["accessToken"])
    order = await given.order(other)
    assert await customer.codes("cancelServiceOrder", id=order.id) == []
    assert await customer.ask(ORDER, id=order.id) == {"id": order.id}
    said = {"id": payload["connector"]["id"], "merchantIds": [mine.global_id]}
    assert await client.as_(platform.token).codes("setPlatformConnectorMerchants", **said) == []
    assert await refused(customer, ORDER, id=order.id) == "UNAUTHENTICATED"
    assert await storefront.codes("submitApplication", **application(other)) == ["NOT_FOUND"]
    assert await storefront.codes("submitApplication", **application(mine)) == []


async def test_a_connector_for_all_merchants_serves_each_of_them(
    client: Client, given: World, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    storefront = client.as_((await made(client, platform))["token"])
    for shop in (*shops, await given.merchant("新店")):
        assert await storefront.codes("submitApplication", **application(shop)) == []
        nodes = (await storefront.ask(ORDERS, m=shop.global_id))["nodes"]
        assert len(nodes) == 1


async def test_the_merchants_are_named_or_all_and_exist(
    client: Client, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    asker = client.as_(platform.token)
    base = {"name": "商城", "scopes": ["APPLICATION_SUBMIT"]}
    [mine, other] = [shop.global_id for shop in shops]
    wrongs: list[dict[str, Any]] = [
        {},
        {"merchantIds": []},
        {"merchantIds": [mine], "allMerchants": True},
    ]
    for wrong in wrongs:
        assert await asker.codes("createPlatformConnector", **base, **wrong) == ["BAD_USER_INPUT"]
    unknown = "TWVyY2hhbnQ6MQ"  # Merchant:1
    refusal = await asker.refused(
        "createPlatformConnector", **base, merchantIds=[mine, unknown, other]
    )
    assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["merchantIds", "1"])


async def test_nobody_gives_a_connector_more_than_they_may(
    client: Client, given: World, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    limited = await given.platform(P.ENROLMENT_REVIEW)
    for scope in sorted(Permission):
        payload = await made(client, limited, shops[0], scopes=[scope])
        codes = [refusal["code"] for refusal in payload["refusals"]]
        if scope in (P.SERVICE_ORDER_READ, P.QUALITY_READ):
            assert codes == ["PERMISSION_NOT_HELD"], scope
        else:
            assert codes == ([] if scope in SCOPES else ["NOT_DELEGABLE"]), scope
    reading = (await made(client, platform, shops[0]))["connector"]["id"]
    said = {"id": reading, "allMerchants": True}
    asker = client.as_(limited.token)
    assert await asker.codes("setPlatformConnectorMerchants", **said) == ["PERMISSION_NOT_HELD"]


async def test_a_merchants_connector_is_not_the_platforms_to_change(
    client: Client, platform: Person, shops: tuple[Shop, Shop]
) -> None:
    owner = client.as_(shops[0].owner.token)
    payload = await owner.do("createConnector", SHAPE, name="ERP", scopes=["REFUND_REPORT"])
    connector = payload["connector"]
    assert connector["merchantIds"] == [shops[0].global_id]
    asker = client.as_(platform.token)
    assert await asker.codes("disablePlatformConnector", id=connector["id"]) == ["NOT_FOUND"]
    said = {"id": connector["id"], "allMerchants": True}
    assert await asker.codes("setPlatformConnectorMerchants", **said) == ["NOT_FOUND"]
