"""Creating the platform account that creates the others: the command does it, without a viewer."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.actors import SYSTEM, ActorKind
from domain.permissions import PLATFORM, Permission
from domain.staff_history import PlatformAccountEventKind
from models.accounts import IS_PLATFORM_ACCOUNT, Account, accounts
from models.ids import new_id
from models.journal.staff import record_platform_account
from models.tables import add


class NotTheFirst(Exception):
    """An enabled account can manage the platform's accounts already."""


async def create_first_account(
    connection: AsyncConnection, *, login: str, name: str, password_hash: str, now: datetime
) -> None:
    """Create an account with every platform permission. Raises NotTheFirst or IntegrityError."""
    await lock(connection, "platform accounts")
    rows = await connection.execute(
        sa.select(accounts.c.permissions).where(
            IS_PLATFORM_ACCOUNT, accounts.c.disabled_at.is_(None)
        )
    )
    if any(Permission.PLATFORM_ACCOUNT_MANAGE in row.permissions for row in rows):
        raise NotTheFirst
    id_, permissions = new_id(), sorted(PLATFORM)
    account = Account(
        id=id_,
        login=login,
        password_hash=password_hash,
        kind=ActorKind.PLATFORM,
        name=name,
        permissions=[*permissions],
        created_at=now,
    )
    await add(connection, account)
    await record_platform_account(
        connection,
        PlatformAccountEventKind.ACCOUNT_CREATED,
        SYSTEM,
        now,
        account_id=id_,
        subject=name,
        after={"LOGIN": login, "NAME": name, "PERMISSIONS": permissions},
    )
