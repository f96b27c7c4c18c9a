"""Deleting a webhook endpoint."""

from domain.webhooks import DisabledReason
from models.queries import webhooks
from resolvers.context import Context


async def delete_endpoint(context: Context, id_: int) -> None:
    """Nothing more is sent. A job deletes the rows, because there may be many. Raises Refused."""
    async with context.write() as connection:
        endpoint = await webhooks.get(connection, context.merchant_id, id_)
        await webhooks.update(
            connection,
            context.merchant_id,
            id_,
            deleted_at=context.now,
            disabled_at=endpoint.disabled_at or context.now,
            disabled_reason=endpoint.disabled_reason or DisabledReason.BY_HAND,
        )
