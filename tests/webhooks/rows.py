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


async def webhook(given: World, shop: Shop, order: OrderRef | None = None, **columns: Any) -> Hook:
    """An endpoint with a delivery that was made. Nothing may be sent to its address."""
    endpoint_id = new_id()
    endpoint = WebhookEndpoint(
        **{
            "merchant_id": shop.id,
            "id": endpoint_id,
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
        await add(connection, endpoint)
    id_ = ids.encode("WebhookEndpoint", shop.id, endpoint_id)
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
