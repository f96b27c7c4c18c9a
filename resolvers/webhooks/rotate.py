"""Rotating the secret of a webhook endpoint."""

from domain.webhooks import OVERLAP
from models.queries import webhooks
from outgoing.signature import secret_of
from resolvers.context import Context
from resolvers.webhooks.create import EndpointKey


async def rotate_secret(context: Context, id_: int) -> tuple[EndpointKey, str]:
    """The new secret. The former one signs too for 24 hours, by the real time. Raises Refused.

    A second rotation within that time ends the overlap of the first.
    """
    merchant_id, services = context.merchant_id, context.services
    async with context.write() as connection:
        endpoint = await webhooks.get(connection, merchant_id, id_)
        generation = endpoint.generation + 1
        await webhooks.update(
            connection,
            merchant_id,
            id_,
            generation=generation,
            overlap_until=services.wall.now() + OVERLAP,
            version=endpoint.version + 1,
            updated_at=context.now,
        )
    return (merchant_id, id_), secret_of(services.keys, merchant_id, id_, generation)
