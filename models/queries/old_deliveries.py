"""Deleting webhook deliveries that are no longer kept."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models.queries.presence import of_present
from models.webhook import webhook_deliveries, webhook_endpoints


async def find_endpoints(
    connection: AsyncConnection,
) -> Sequence[tuple[int, int, datetime | None]]:
    """The keys of all endpoints, and when they were deleted."""
    endpoints = webhook_endpoints.c
    statement = sa.select(endpoints.merchant_id, endpoints.id, endpoints.deleted_at)
    rows = await connection.execute(of_present(connection, statement, endpoints.merchant_id))
    return [(merchant_id, id_, deleted_at) for merchant_id, id_, deleted_at in rows]


async def delete(
    connection: AsyncConnection,
    merchant_id: int,
    endpoint_id: int,
    *,
    before: datetime,
    most: int,
) -> int:
    """Delete the oldest deliveries to an endpoint that were created before; return how many.

    In the order of their ids, which ascend with time: the oldest one tells whether there are any.
    """
    deliveries = webhook_deliveries.c
    of_endpoint = (deliveries.merchant_id == merchant_id, deliveries.endpoint_id == endpoint_id)
    rows = await connection.execute(
        sa.select(deliveries.id, deliveries.created_at)
        .where(*of_endpoint)
        .order_by(deliveries.id)
        .limit(most)
    )
    ids = [id_ for id_, created_at in rows if created_at <= before]
    if ids:
        await connection.execute(
            sa.delete(webhook_deliveries).where(*of_endpoint, deliveries.id.in_(ids))
        )
    return len(ids)


async def delete_endpoint(connection: AsyncConnection, merchant_id: int, endpoint_id: int) -> None:
    """Delete the row of an endpoint that was deleted, unless it has deliveries."""
    endpoints, deliveries = webhook_endpoints.c, webhook_deliveries.c
    has_deliveries = (
        sa.select(sa.literal(1))
        .where(deliveries.merchant_id == merchant_id, deliveries.endpoint_id == endpoint_id)
        .exists()
    )
    await connection.execute(
        sa.delete(webhook_endpoints).where(
            endpoints.merchant_id == merchant_id,
            endpoints.id == endpoint_id,
            endpoints.deleted_at.is_not(None),
            ~has_deliveries,
        )
    )
