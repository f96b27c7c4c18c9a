"""Writes the rows of a webhook endpoint and of a delivery to it."""

from typing import Any, NamedTuple

from domain.webhooks import DeliveryStatus
from models.ids import new_id
from models.tables import add
from models.webhook import WebhookDelivery, WebhookEndpoint
from schema import ids
from tests.given import OrderRef, Shop, World


class Hook(NamedTuple):
    """The ids of an endpoint and of a delivery in the API."""

    endpoint: str
    delivery: str


async def endpoint(given: World, shop: Shop, **columns: Any) -> str:
    """An endpoint, to whose address nothing may be sent unless it is said. Its id in the API."""
    row = WebhookEndpoint(
        **{
            "merchant_id": shop.id,
            "id": new_id(),
            "url": "http://localhost/hook",
            "owner_id": shop.owner.id,
            "owner": "店主",
            "position": 0,
            "created_at": given.now,
            "updated_at": given.now,
            **columns,
        }
    )
    async with given.parts.database.write() as connection:
        await add(connection, row)
    return ids.encode("WebhookEndpoint", shop.id, row.id)


async def webhook(given: World, shop: Shop, order: OrderRef | None = None) -> Hook:
    """An endpoint with a delivery that was made."""
    id_ = await endpoint(given, shop)
    return Hook(id_, await delivery(given, id_, order))


async def delivery(given: World, endpoint: str, order: OrderRef | None = None) -> str:
    """A delivery to the endpoint that was made. Its id in the API."""
    merchant_id, endpoint_id = ids.key_of("WebhookEndpoint", endpoint)
    row = WebhookDelivery(
        merchant_id=merchant_id,
        endpoint_id=endpoint_id,
        id=new_id(),
        type="service_order.submitted",
        occurred_at=given.now,
        service_order_id=None if order is None else order.key,
        sequence=None if order is None else 1,
        position=1,
        status=DeliveryStatus.DELIVERED,
        attempts=1,
        answer_status=200,
        created_at=given.now,
        finished_at=given.now,
    )
    async with given.parts.database.write() as connection:
        await add(connection, row)
    return ids.encode("WebhookDelivery", merchant_id, endpoint_id, row.id)
