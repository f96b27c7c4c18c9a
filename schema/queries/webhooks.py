"""Queries of a merchant's webhook endpoints, and of the deliveries to them."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from domain.webhooks import DeliveryStatus
from execution.sources import list_source, object_source, page_source
from models.webhook import webhook_deliveries, webhook_endpoints
from projection.conditions import Conditions, Template, equals
from projection.pages import Order
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.types.node import Connection
from schema.types.webhook import WebhookDelivery, WebhookEndpoint

_ENDPOINT_OF = equals(webhook_endpoints.c.merchant_id)
_IS_KEPT = Template(lambda: webhook_endpoints.c.deleted_at.is_(None))
_DELIVERY_OF = equals(webhook_deliveries.c.merchant_id)
_TO_ENDPOINT = equals(webhook_deliveries.c.endpoint_id)
_IN_STATUS = equals(webhook_deliveries.c.status)
_LATEST = Order("webhook deliveries", (webhook_deliveries.c.id,), descending=True)


@strawberry.type
class WebhookQueries:
    """Queries of webhooks."""

    @query(Permission.SETTINGS_MANAGE)
    def webhook_endpoints(self, info: Info) -> list[WebhookEndpoint]:
        """Webhook 端点. Returns the webhook endpoints of the viewer's merchant, oldest first."""
        where = (_ENDPOINT_OF(info.context.merchant_id), _IS_KEPT())
        return list_source("WebhookEndpoint", where, webhook_endpoints.c.id)

    @query(Permission.SETTINGS_MANAGE)
    def webhook_endpoint(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the endpoint.")],
    ) -> WebhookEndpoint | None:
        """Webhook 端点. Returns a webhook endpoint of the viewer's merchant.

        Null if it does not exist.
        """
        global_id = ids.decode(id, "id")
        if global_id.type_name != "WebhookEndpoint":
            return None
        key = ids.key_in(global_id, "WebhookEndpoint", "id")
        where = (_ENDPOINT_OF(info.context.merchant_id), _IS_KEPT())
        return object_source("WebhookEndpoint", key, where)

    @query(Permission.SETTINGS_MANAGE)
    def webhook_deliveries(
        self,
        info: Info,
        endpoint_id: Annotated[
            strawberry.ID, strawberry.argument(description="The id of the endpoint.")
        ],
        status: Annotated[
            DeliveryStatus | None,
            strawberry.argument(description="Return only deliveries in this status."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[WebhookDelivery]:
        """Webhook 投递记录. Returns the deliveries to a webhook endpoint, latest first."""
        merchant = info.context.merchant_id
        endpoint = ids.within(merchant, "WebhookEndpoint", endpoint_id, "endpointId")
        where: Conditions = (_DELIVERY_OF(merchant), _TO_ENDPOINT(endpoint))
        if status is not None:
            where = (*where, _IN_STATUS(status))
        return page_source("WebhookDelivery", where, _LATEST, window(first, after, last, before))
