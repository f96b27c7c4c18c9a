"""Sending a test message to a webhook endpoint, at once."""

from collections.abc import Mapping

from domain.refusals.refusal import Refused
from domain.refusals.webhooks import WebhookHostBusy
from domain.webhooks import PING, message, message_id
from models.ids import new_id
from models.queries import webhooks
from outgoing.answer import Answer
from outgoing.http_client import HostBusy
from outgoing.rotation import Signer
from resolvers.context import Context
from resolvers.webhooks.values import checked_target


async def ping_endpoint(context: Context, id_: int, data: Mapping[str, object]) -> Answer:
    """What came back. Changes nothing; a disabled endpoint can be tested too. Raises Refused.

    No transaction is open while the answer is waited for.
    """
    services = context.services
    async with context.read() as connection:
        endpoint = await webhooks.get(connection, context.merchant_id, id_, locks=False)
    target = checked_target(services.outgoing.guard, endpoint.url)
    signer = Signer.of(endpoint, services.keys)
    at, body = services.wall.now(), message(PING, context.now, data)
    headers = signer.headers(message_id(new_id()), at, body)
    try:
        return await services.outgoing.post(target, headers, body)
    except HostBusy:
        raise Refused(WebhookHostBusy(path=("id",))) from None
