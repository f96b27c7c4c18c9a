"""Enabling a webhook endpoint that is disabled."""

from models.queries import deliveries, feed, webhooks
from resolvers.context import Context
from resolvers.webhooks.create import EndpointKey


async def enable_endpoint(context: Context, id_: int, *, skip_missed: bool) -> EndpointKey:
    """Go on with the event at which it stopped, or with the next one to happen. Raises Refused.

    Of the events that it missed, those that the feed has deleted are not sent. Does nothing to an
    enabled endpoint.
    """
    merchant_id = context.merchant_id
    async with context.write() as connection:
        endpoint = await webhooks.get(connection, merchant_id, id_)
        if endpoint.disabled_at is None:
            return merchant_id, id_
        standing = await feed.standing(connection, merchant_id)
        if skip_missed:
            await deliveries.give_up(connection, (merchant_id, id_), context.now)
        else:
            await deliveries.restart(connection, (merchant_id, id_), context.now)
        await webhooks.update(
            connection,
            merchant_id,
            id_,
            disabled_at=None,
            disabled_reason=None,
            failures=0,
            failing_since=None,
            due_at=context.now,
            position=standing.position
            if skip_missed
            else max(endpoint.position, standing.purged_to),
            version=endpoint.version + 1,
            updated_at=context.now,
        )
    return merchant_id, id_
