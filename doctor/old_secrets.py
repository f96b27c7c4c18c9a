"""Finds secrets that an earlier signing key made: of webhooks, and of identity providers."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.keys import Keys
from auth.sealing import BadSeal, seal_owner, unseal
from domain.webhooks import OVERLAP
from models.single_sign_on import identity_providers
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


async def owners_with_former_seals(connection: AsyncConnection, keys: Keys) -> Sequence[int]:
    """The merchants, or the platform, whose client secret the key that signs does not open."""
    provider = identity_providers.c
    rows = await connection.execute(
        sa.select(provider.owner_id, provider.client_secret)
        .where(provider.client_secret.is_not(None))
        .order_by(provider.owner_id)
    )
    return [owner_id for owner_id, sealed in rows if not _opens(keys, owner_id, sealed)]


def _opens(keys: Keys, owner_id: int, sealed: str) -> bool:
    try:
        unseal(Keys(keys.seed), sealed, owner=seal_owner(owner_id))
    except BadSeal:
        return False
    return True
