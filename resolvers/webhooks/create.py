"""Creating a webhook endpoint."""

from database.advisory_lock import lock
from domain.refusals.refusal import Refused
from domain.refusals.webhooks import TooManyWebhookEndpoints
from domain.webhooks import MAX_ENDPOINTS
from models.ids import new_id
from models.queries import feed, webhooks
from models.tables import add
from models.webhook import WebhookEndpoint
from outgoing.signature import secret_of
from resolvers.context import Context
from resolvers.webhooks.values import EndpointValues, check_holds

EndpointKey = tuple[int, int]


async def create_endpoint(context: Context, values: EndpointValues) -> tuple[EndpointKey, str]:
    """The endpoint's key, and its secret. Events after now are sent to it.

    The viewer becomes its owner. Raises Refused.
    """
    merchant_id, id_, viewer = context.merchant_id, new_id(), context.viewer
    columns = values.columns(context.services.outgoing.guard)
    check_holds(viewer, columns["scopes"])
    async with context.write() as connection:
        await lock(connection, "webhook endpoints", merchant_id)
        if await webhooks.count(connection, merchant_id) >= MAX_ENDPOINTS:
            raise Refused(TooManyWebhookEndpoints(limit=MAX_ENDPOINTS))
        standing = await feed.standing(connection, merchant_id)
        endpoint = WebhookEndpoint(
            merchant_id=merchant_id,
            id=id_,
            **columns,
            owner_id=viewer.id,
            owner=viewer.name,
            position=standing.position,
            created_at=context.now,
            updated_at=context.now,
        )
        await add(connection, endpoint)
    return (merchant_id, id_), secret_of(context.services.keys, merchant_id, id_, 1)
