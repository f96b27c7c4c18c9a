"""Sending a webhook delivery again."""

import sqlalchemy as sa

from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.refusals.webhooks import WebhookDeliveryPending, WebhookEndpointDisabled
from domain.webhooks import DeliveryStatus
from models.queries import webhooks
from models.webhook import webhook_deliveries
from resolvers.context import Context

DeliveryKey = tuple[int, int, int]


async def resend_delivery(context: Context, endpoint_id: int, id_: int) -> DeliveryKey:
    """Put a finished delivery back, with the same ``webhook-id``. Raises Refused.

    Unfinished deliveries of the same order wait for it if their events are later.
    """
    key = (context.merchant_id, endpoint_id, id_)
    columns = webhook_deliveries.c
    is_delivery = tuple(
        column == value for column, value in zip(webhook_deliveries.primary_key, key, strict=True)
    )
    async with context.write() as connection:
        endpoint = await webhooks.get(connection, context.merchant_id, endpoint_id)
        status = (
            await connection.execute(sa.select(columns.status).where(*is_delivery))
        ).scalar_one_or_none()
        if status is None:
            raise Refused(NotFound(kind="WebhookDelivery", path=("id",)))
        if status == DeliveryStatus.PENDING:
            raise Refused(WebhookDeliveryPending(path=("id",)))
        if endpoint.disabled_at is not None:
            raise Refused(WebhookEndpointDisabled(path=("id",)))
        await connection.execute(
            sa.update(webhook_deliveries)
            .where(*is_delivery)
            .values(
                status=DeliveryStatus.PENDING,
                next_attempt_at=context.now,
                attempts=0,
                first_attempt_at=None,
                finished_at=None,
            )
        )
        await webhooks.update(
            connection,
            context.merchant_id,
            endpoint_id,
            due_at=context.now if endpoint.failures == 0 else endpoint.due_at or context.now,
        )
    return key
