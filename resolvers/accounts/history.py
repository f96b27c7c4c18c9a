"""The transaction in which an account's password changes, and its entry in the history."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.actors import Actor
from domain.staff_history import PlatformAccountEventKind, StaffEventKind
from models.accounts import accounts
from models.journal.staff import record_platform_account, record_staff
from resolvers.context import Context


async def lock_account(connection: AsyncConnection, account_id: int) -> sa.Row[Any] | None:
    """Lock the staff that the account is one of, and read the account."""
    statement = sa.select(accounts).where(accounts.c.id == account_id)
    account = (await connection.execute(statement)).one_or_none()
    if account is None:
        return None
    if account.merchant_id is None:
        await lock(connection, "platform accounts")
    else:
        await lock(connection, "staff", account.merchant_id)
    row: sa.Row[Any] | None = (await connection.execute(statement)).one_or_none()
    return row


async def record(
    connection: AsyncConnection,
    context: Context,
    kind: StaffEventKind,
    account: sa.Row[Any],
    actor: Actor | None = None,
) -> None:
    """Record what was done to a password, and nothing of it, by the actor or the account's owner.

    Both histories have the kinds of passwords by the same names. The caller holds the lock.
    """
    own = Actor(
        kind=account.kind, id=account.id, name=account.name, merchant_id=account.merchant_id
    )
    if account.merchant_id is None:
        await record_platform_account(
            connection,
            PlatformAccountEventKind[kind.name],
            actor or own,
            context.now,
            account_id=account.id,
            subject=account.name,
        )
        return
    await record_staff(
        connection,
        account.merchant_id,
        kind,
        actor or own,
        context.now,
        subject=account.name,
        employee_id=account.id,
    )
