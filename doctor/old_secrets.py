"""Finds webhook endpoints whose secret was made before a time: by an earlier signing key."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.webhooks import OVERLAP
from models.webhook import webhook_endpoints


async def merchants_with_secrets_before(
    connection: AsyncConnection, since: datetime
) -> Sequence[int]:
    """The merchants that have such endpoints. A secret is as old as its last rotation."""
    endpoint = webhook_endpoints.c
    is_old = sa.case(
        (endpoint.overlap_until.is_not(None), endpoint.overlap_until < since + OVERLAP),
        else_=endpoint.created_at < since,
    )
    rows = await connection.execute(
        sa.select(endpoint.merchant_id)
        .where(endpoint.deleted_at.is_(None), is_old)
        .distinct()
        .order_by(endpoint.merchant_id)
    )
    return rows.scalars().all()
