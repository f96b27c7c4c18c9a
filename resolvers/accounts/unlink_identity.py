"""Removing the link between an account and an identity."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.staff_history import StaffEventKind
from models.single_sign_on import identities
from resolvers.accounts.history import record
from resolvers.context import Context


async def unlink_identity(
    connection: AsyncConnection, context: Context, account: sa.Row[Any]
) -> None:
    """Remove the account's link, if it has one, and record that. The account's row is locked."""
    removed = await connection.execute(
        sa.delete(identities).where(identities.c.account_id == account.id)
    )
    if removed.rowcount:
        await record(connection, context, StaffEventKind.IDENTITY_UNLINKED, account)
