"""Changing a webhook endpoint."""

from domain.refusals.refusal import Refused
from domain.refusals.webhooks import WebhookEndpointChanged
from models.queries import webhooks
from resolvers.context import Context
from resolvers.webhooks.create import EndpointKey
from resolvers.webhooks.values import EndpointValues, check_holds


async def update_endpoint(
    context: Context, id_: int, values: EndpointValues, *, expected_version: int
) -> EndpointKey:
    """Deliveries that are not finished go by the new values. The viewer becomes the owner.

    Raises Refused.
    """
    columns = values.columns(context.services.outgoing.guard)
    async with context.write() as connection:
        endpoint = await webhooks.get(connection, context.merchant_id, id_)
        if endpoint.version != expected_version:
            changed = WebhookEndpointChanged(current=endpoint.version, path=("expectedVersion",))
            raise Refused(changed)
        check_holds(context.viewer, columns.get("scopes", endpoint.scopes))
        await webhooks.update(
            connection,
            context.merchant_id,
            id_,
            **columns,
            owner_id=context.viewer.id,
            owner=context.viewer.name,
            version=endpoint.version + 1,
            updated_at=context.now,
        )
    return context.merchant_id, id_
