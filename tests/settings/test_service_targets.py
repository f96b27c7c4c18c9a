"""A merchant's own targets through the API: setting them, and what orders, queues and filters show.

NOON is Sunday, 2026-11-22, 20:00 in Shanghai.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import NOON
from tests.given import ITEM, OrderRef, Shop, World

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
MONDAY_NINE = NOON + 13 * HOUR
"""9:00 on Monday in Shanghai."""

SET = """mutation($input: SetServiceTargetsInput!) { setServiceTargets(input: $input) {
  merchant { serviceTargets { review receipt processing businessHours {
    monday { opens closes } sunday { opens closes } closedDates } } }
  refusals { code message path ... on TargetBeyondWindow { status longest } } } }"""
SHOWN = """query($id: ID!) { serviceOrder(id: $id) {
  status target { at missed } clock { dueAt } merchant { serviceTargets { review } } } }"""
LISTED = """query($filter: ServiceOrderFilter, $orderBy: ServiceOrderOrdering!) {
  serviceOrders(filter: $filter, orderBy: $orderBy, first: 100) { nodes { id } } }"""
OFFICE = {"monday": [{"opens": "09:00", "closes": "18:00"}], "closedDates": ["2026-11-24"]}


async def set_targets(client: Client, **targets: Any) -> Any:
    return await client.ask(SET, input=targets)


async def shown(client: Client, order: OrderRef | str) -> Any:
    id_ = order if isinstance(order, str) else order.id
    return await client.ask(SHOWN, id=id_)


async def listed(client: Client, order_by: str = "APPLIED_AT_ASC", **filter_: Any) -> list[str]:
    page = await client.ask(LISTED, filter=filter_, orderBy=order_by)
    return [node["id"] for node in page["nodes"]]


async def submit(client: Client, ref: str = "A-1") -> str:
    application = await client.ask(
        """mutation($input: SubmitApplicationInput!) { submitApplication(input: $input) {
          application { serviceOrders { id } } refusals { code message } } }""",
        input={
            "externalRef": ref,
            "orderNumber": f"P-{ref}",
            "customerRef": "customer-1",
            "customerName": "李小花",
            "customerPhone": "13812345678",
            "items": [ITEM],
        },
    )
    id_: str = application["application"]["serviceOrders"][0]["id"]
    return id_


@pytest.fixture
async def shop(given: World) -> Shop:
    return await given.merchant()


async def test_a_new_order_gets_the_target_that_its_merchant_has_set(
    client: Client, given: World, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    answer = await set_targets(owner, review=120, businessHours=OFFICE)
    assert answer["merchant"]["serviceTargets"] == {
        "review": 120,
        "receipt": None,
        "processing": None,
        "businessHours": {
            "monday": [{"opens": "09:00", "closes": "18:00"}],
            "sunday": [],
            "closedDates": ["2026-11-24"],
        },
    }
    storefront = client.as_((await given.connector(shop)).token)
    order = await shown(owner, await submit(storefront))
    assert order["target"] == {"at": (MONDAY_NINE + 2 * HOUR).isoformat(), "missed": False}
    assert order["clock"]["dueAt"] == (NOON + 48 * HOUR).isoformat()
