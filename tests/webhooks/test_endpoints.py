"""Keeping webhook endpoints."""

import pytest

from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

URL = "https://erp.example.com/hook"
SHAPE = """webhookEndpoint { id version url description kinds selection scopes owner { name }
  disabledAt disabledReason failingSince formerSecretUntil }"""
SELECTION = "query($id: ID!) { serviceOrder(id: $id) { number status } }"


async def test_an_endpoint_is_created_and_its_secret_is_shown_once(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    made = await owner.do(
        "createWebhookEndpoint",
        f"secret {SHAPE}",
        url=URL,
        selection=SELECTION,
        scopes=["SERVICE_ORDER_READ"],
    )
    assert made["refusals"] == []
    assert made["secret"].startswith("whsec_")
    assert made["webhookEndpoint"]["url"] == URL
    listed = await owner.ask("{ webhookEndpoints { id url selection } }")
    assert [endpoint["id"] for endpoint in listed] == [made["webhookEndpoint"]["id"]]
