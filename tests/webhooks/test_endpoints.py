"""Keeping webhook endpoints: who may, what is refused, and what others see."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.permissions import Permission
from domain.webhooks import KEEP_DELIVERIES, MAX_ENDPOINTS
from jobs.webhooks.clean_up import delete_old
from models.webhook import webhook_deliveries, webhook_endpoints
from schema import ids
from tests.client import Client, Failed
from tests.desk.test_idempotency import count
from tests.given import World
from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import Ledger

pytestmark = pytest.mark.anyio

URL = "https://erp.example.com/hook"
SHAPE = """webhookEndpoint { id version url description kinds selection scopes owner { name }
  disabledAt disabledReason failingSince formerSecretUntil }"""
SELECTION = "query($id: ID!) { serviceOrder(id: $id) { number status } }"
LIST = "{ webhookEndpoints { id url } }"


async def create(client: Client, url: str = URL, **values: Any) -> str:
    made = await client.do("createWebhookEndpoint", "webhookEndpoint { id }", url=url, **values)
    assert made["refusals"] == []
    return str(made["webhookEndpoint"]["id"])


async def test_an_endpoint_is_created_and_its_secret_is_shown_once(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    made = await owner.do(
        "createWebhookEndpoint",
        f"secret {SHAPE}",
        url=f" {URL} ",
        description="ERP",
        kinds=["APPROVED", "APPROVED"],
        selection=SELECTION,
        scopes=["SERVICE_ORDER_READ"],
    )
    assert made["secret"].startswith("whsec_")
    endpoint = made["webhookEndpoint"]
    assert endpoint == {
        "id": endpoint["id"],
        "version": 1,
        "url": URL,
        "description": "ERP",
        "kinds": ["APPROVED"],
        "selection": SELECTION,
        "scopes": ["SERVICE_ORDER_READ"],
        "owner": {"name": "店主"},
        "disabledAt": None,
        "disabledReason": None,
        "failingSince": None,
        "formerSecretUntil": None,
    }
    assert await owner.ask(LIST) == [{"id": endpoint["id"], "url": URL}]


async def test_a_change_names_the_version_that_it_is_based_on(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    id_ = await create(owner, description="ERP", kinds=["APPROVED"])
    changed = await owner.do(
        "updateWebhookEndpoint", SHAPE, id=id_, expectedVersion=1, kinds=None, description=None
    )
    endpoint = changed["webhookEndpoint"]
    assert (endpoint["version"], endpoint["kinds"], endpoint["description"]) == (2, None, None)
    assert endpoint["url"] == URL
    refusal = await owner.refused(
        "updateWebhookEndpoint", id=id_, expectedVersion=1, url="https://example.org/"
    )
    assert (refusal["code"], refusal["current"]) == ("WEBHOOK_ENDPOINT_CHANGED", 2)
    assert (await owner.ask(LIST))[0]["url"] == URL


async def test_an_address_inside_is_refused_when_it_is_entered(
    client: Client, given: World
) -> None:
    """All kinds of addresses: tests/webhooks/test_urls.py."""
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    id_ = await create(owner)
    for url, problem in (("http://erp.example.com/", "SCHEME"), ("https://127.0.0.1/", "ADDRESS")):
        refusal = await owner.refused("createWebhookEndpoint", url=url)
        assert (refusal["code"], refusal["problem"]) == ("URL_NOT_ALLOWED", problem)
        assert refusal["path"] == ["url"]
        codes = await owner.codes("updateWebhookEndpoint", id=id_, expectedVersion=1, url=url)
        assert codes == ["URL_NOT_ALLOWED"]


async def test_a_merchant_has_ten_endpoints_also_when_two_are_created_at_once(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    for _ in range(MAX_ENDPOINTS - 1):
        await create(owner)
    codes = await asyncio.gather(*(owner.codes("createWebhookEndpoint", url=URL) for _ in range(3)))
    assert sorted(codes) == [[], *[["TOO_MANY_WEBHOOK_ENDPOINTS"]] * 2]
    [first, *_] = await owner.ask(LIST)
    assert await owner.codes("deleteWebhookEndpoint", id=first["id"]) == []
    await create(owner)


async def test_nobody_gives_an_endpoint_more_than_they_hold_not_by_its_address_either(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    settings = await given.employee(shop, Permission.SETTINGS_MANAGE)
    keeper = client.as_(settings.token)
    scopes = ["SERVICE_ORDER_READ"]
    assert await keeper.codes("createWebhookEndpoint", url=URL, scopes=scopes) == [
        "PERMISSION_NOT_HELD"
    ]
    assert await owner.codes("createWebhookEndpoint", url=URL, scopes=["REVIEW"]) == [
        "NOT_DELEGABLE"
    ]
    id_ = await create(owner, scopes=scopes)
    codes = await keeper.codes(
        "updateWebhookEndpoint", id=id_, expectedVersion=1, url="https://example.org/"
    )
    assert codes == ["PERMISSION_NOT_HELD"]
    assert await keeper.codes("disableWebhookEndpoint", id=id_) == []


async def test_a_document_that_is_not_about_one_order_is_not_stored(
    client: Client, given: World
) -> None:
    """All kinds of documents: tests/webhooks/test_documents.py."""
    shop = await given.merchant()
    refusal = await client.as_(shop.owner.token).refused(
        "createWebhookEndpoint", url=URL, selection="{ viewer { name } }"
    )
    assert (refusal["code"], refusal["path"]) == ("SELECTION_NOT_ALLOWED", ["selection"])
    assert "one variable" in refusal["reason"]


async def test_bad_input_is_named_with_its_path(client: Client, given: World) -> None:
    shop = await given.merchant()
    bad: dict[str, Any] = {
        "url": " ",
        "description": "长" * 201,
        "kinds": [],
        "selection": "x" * 4001,
    }
    for name, value in bad.items():
        with pytest.raises(Failed) as failed:
            await client.as_(shop.owner.token).do(
                "createWebhookEndpoint", **{"url": URL, name: value}
            )
        assert failed.value.code == "BAD_USER_INPUT"
        assert failed.value.extensions["argument"] == [name]


async def test_another_merchant_finds_nothing(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家店铺")
    id_ = await create(client.as_(shop.owner.token))
    stranger = client.as_(other.owner.token)
    assert await stranger.ask(LIST) == []
    assert (
        await stranger.ask("query($id: ID!) { webhookEndpoint(id: $id) { url } }", id=id_) is None
    )
    with pytest.raises(Failed) as failed:
        await stranger.ask(
            "query($id: ID!) { webhookDeliveries(endpointId: $id) { nodes { id } } }", id=id_
        )
    assert failed.value.code == "NOT_FOUND"
    for name in ("rotateWebhookSecret", "disableWebhookEndpoint", "enableWebhookEndpoint"):
        assert await stranger.codes(name, id=id_) == ["NOT_FOUND"]
    for name in ("deleteWebhookEndpoint", "testWebhookEndpoint"):
        assert await stranger.codes(name, id=id_) == ["NOT_FOUND"]
    assert await stranger.codes("updateWebhookEndpoint", id=id_, expectedVersion=1) == ["NOT_FOUND"]
    _, endpoint = ids.key_of("WebhookEndpoint", id_)
    delivery = ids.encode("WebhookDelivery", shop.id, endpoint, 1)
    assert await stranger.codes("resendWebhookDelivery", id=delivery) == ["NOT_FOUND"]
    assert len(await client.as_(shop.owner.token).ask(LIST)) == 1


async def test_an_endpoint_that_was_deleted_is_gone_and_its_rows_follow(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    order = await desk.order()
    await desk.note(order)
    await desk.work()
    assert await desk.client.codes("deleteWebhookEndpoint", id=endpoint.id) == []
    assert await desk.client.ask(LIST) == []
    assert await desk.client.codes("deleteWebhookEndpoint", id=endpoint.id) == ["NOT_FOUND"]
    await desk.note(order)
    await desk.later(timedelta(days=1))
    assert len(ledger.messages) == 1
    assert await delete_old(desk.parts.database, desk.clock.now()) == 1
    assert await count(desk.given, webhook_deliveries) == 0
    assert await count(desk.given, webhook_endpoints) == 0


async def test_deliveries_are_kept_for_thirty_days(desk: Desk, ledger: Ledger) -> None:
    await desk.endpoint(ledger.url())
    order = await desk.order()
    await desk.note(order)
    await desk.work()
    await desk.later(timedelta(days=1))
    await desk.note(order)
    await desk.work()
    assert await delete_old(desk.parts.database, desk.clock.now()) == 0
    desk.clock.pass_(KEEP_DELIVERIES - timedelta(days=1))
    assert await delete_old(desk.parts.database, desk.clock.now()) == 1
    assert await count(desk.given, webhook_deliveries) == 1
