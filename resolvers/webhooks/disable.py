"""Disabling a webhook endpoint."""

from domain.webhooks import DisabledReason
from models.queries import deliveries, webhooks
from resolvers.context import Context
from resolvers.webhooks.create import EndpointKey


async def disable_endpoint(context: Context, id_: int) -> EndpointKey:
    """Send nothing more until it is enabled. Does nothing to a disabled one. Raises Refused."""
    async with context.write() as connection:
        await webhooks.get(connection, context.merchant_id, id_)
        key = (context.merchant_id, id_)
        await deliveries.disable(connection, key, DisabledReason.BY_HAND, context.now)
    return key
