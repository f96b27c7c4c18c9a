"""Disabling a webhook endpoint."""

from domain.webhooks import DisabledReason
from models.queries import webhooks
from resolvers.context import Context
from resolvers.webhooks.create import EndpointKey


async def disable_endpoint(context: Context, id_: int) -> EndpointKey:
    """Send nothing more until it is enabled. Does nothing to a disabled one. Raises Refused."""
    async with context.write() as connection:
        endpoint = await webhooks.get(connection, context.merchant_id, id_)
        if endpoint.disabled_at is None:
            await webhooks.update(
                connection,
                context.merchant_id,
                id_,
                disabled_at=context.now,
                disabled_reason=DisabledReason.BY_HAND,
                version=endpoint.version + 1,
                updated_at=context.now,
            )
    return context.merchant_id, id_
