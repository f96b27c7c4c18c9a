"""Checks the times of sessions and reset codes, and whose identities and providers are."""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from models.accounts import accounts, password_resets, sign_ins
from models.merchant import merchants
from models.single_sign_on import PLATFORM_OWNER, identities, identity_providers


async def examine(connection: AsyncConnection) -> AsyncIterator[Finding]:
    sessions = sa.select(sign_ins.c.id).where(
        (sign_ins.c.last_used_at < sign_ins.c.created_at)
        | (sign_ins.c.last_used_at >= sign_ins.c.expires_at)
    )
    for id_ in await connection.scalars(sessions.order_by(sign_ins.c.id)):
        yield Finding(fault=Fault.ACCOUNT_WRONG, detail=f"session {id_}: last_used_at")
    others = (
        sa.select(identities.c.account_id)
        .join(accounts, accounts.c.id == identities.c.account_id)
        .where(sa.func.coalesce(accounts.c.merchant_id, PLATFORM_OWNER) != identities.c.owner_id)
    )
    for id_ in await connection.scalars(others.order_by(identities.c.account_id)):
        yield Finding(
            fault=Fault.ACCOUNT_WRONG, detail=f"the identity of account {id_} is another owner's"
        )
    orphans = (
        sa.select(identity_providers.c.owner_id)
        .outerjoin(merchants, merchants.c.id == identity_providers.c.owner_id)
        .where(merchants.c.id.is_(None), identity_providers.c.owner_id != PLATFORM_OWNER)
    )
    for id_ in await connection.scalars(orphans.order_by(identity_providers.c.owner_id)):
        yield Finding(
            fault=Fault.ACCOUNT_WRONG, detail=f"an identity provider of no merchant: {id_}"
        )
    resets = sa.select(password_resets.c.account_id).where(
        password_resets.c.expires_at <= password_resets.c.created_at
    )
    for id_ in await connection.scalars(resets.order_by(password_resets.c.account_id)):
        yield Finding(
            fault=Fault.ACCOUNT_WRONG, detail=f"the reset code of account {id_}: expires_at"
        )
