"""Finding identity providers, and the accounts that identities are linked to."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models.accounts import accounts
from models.single_sign_on import PLATFORM_OWNER, identities, identity_providers


async def provider(connection: AsyncConnection, owner_id: int) -> sa.Row[Any] | None:
    statement = sa.select(identity_providers).where(identity_providers.c.owner_id == owner_id)
    row: sa.Row[Any] | None = (await connection.execute(statement)).one_or_none()
    return row


async def linked_account(
    connection: AsyncConnection, owner_id: int, issuer: str, subject: str
) -> sa.Row[*tuple[Any, ...]] | None:
    """The account that an identity is linked to."""
    statement = (
        sa.select(accounts.c.id, accounts.c.login, accounts.c.merchant_id, accounts.c.disabled_at)
        .join(identities, identities.c.account_id == accounts.c.id)
        .where(
            identities.c.owner_id == owner_id,
            identities.c.issuer == issuer,
            identities.c.subject == subject,
            _is_of(owner_id),
        )
    )
    return (await connection.execute(statement)).one_or_none()


async def account_by_email(
    connection: AsyncConnection, owner_id: int, email: str
) -> sa.Row[*tuple[Any, ...]] | None:
    """The owner's only account whose login is this address, and that has no identity yet."""
    statement = (
        sa.select(accounts.c.id, accounts.c.login, accounts.c.merchant_id, accounts.c.disabled_at)
        .outerjoin(identities, identities.c.account_id == accounts.c.id)
        .where(
            accounts.c.login.in_({email, email.lower()}),
            identities.c.account_id.is_(None),
            _is_of(owner_id),
        )
    )
    rows = (await connection.execute(statement)).all()
    return rows[0] if len(rows) == 1 else None


def _is_of(owner_id: int) -> sa.ColumnElement[bool]:
    """A provider vouches for the people of its owner and for nobody else."""
    if owner_id == PLATFORM_OWNER:
        return accounts.c.merchant_id.is_(None)
    return accounts.c.merchant_id == owner_id
