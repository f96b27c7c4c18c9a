"""Setting up single sign-on, by a main account for its merchant or by the platform for itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.sealing import seal, seal_owner
from database.advisory_lock import lock
from domain.permissions import PLATFORM
from domain.refusals.refusal import Refused
from domain.refusals.single_sign_on import IdentityProviderFailed, SingleSignOnChanged
from domain.refusals.staff import PermissionNotHeld
from domain.staff_history import StaffEventKind
from models.queries import single_sign_on
from models.single_sign_on import PLATFORM_OWNER, IdentityProvider, identities, identity_providers
from models.tables import add
from outgoing.open_id import ProviderFailed
from resolvers.accounts.history import lock_account, record
from resolvers.accounts.prove_password import prove_password
from resolvers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderValues:
    """What a person sets. Without a ``client_secret`` the stored one of the same client stays."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_uris: Sequence[str]
    links_by_email: bool


def owner_of(context: Context) -> int:
    """Whose provider the viewer sets: its merchant's, or the platform's."""
    return context.viewer.merchant_id or PLATFORM_OWNER


async def set_single_sign_on(
    context: Context, password: str, values: ProviderValues, expected_version: int
) -> sa.Row[Any]:
    """Raises Refused, also if the provider does not answer as it must."""
    owner_id = owner_of(context)
    _check_holds_all(context)
    await prove_password(context, password, "change of the single sign-on")
    try:
        await context.services.open_id.configuration(values.issuer, context.services.wall.now())
    except ProviderFailed:
        raise Refused(IdentityProviderFailed(path=("issuer",))) from None
    async with context.write() as connection:
        current = await _at_version(connection, owner_id, expected_version)
        kept = None
        if current is not None:
            # A secret goes to the provider that it was set for, and to no other.
            is_same = (current.issuer, current.client_id) == (values.issuer, values.client_id)
            kept = current.client_secret if is_same else None
            await _delete(connection, owner_id)
        if values.client_secret is not None:
            keys = context.services.keys
            kept = seal(keys, values.client_secret, owner=seal_owner(owner_id))
        provider = IdentityProvider(
            owner_id=owner_id,
            issuer=values.issuer,
            client_id=values.client_id,
            client_secret=kept,
            redirect_uris=list(dict.fromkeys(values.redirect_uris)),
            links_by_email=values.links_by_email,
            version=expected_version + 1,
            updated_at=context.now,
        )
        await add(connection, provider)
        await _record(connection, context)
        row = await single_sign_on.provider(connection, owner_id)
    assert row is not None  # noqa: S101 - it was just added
    return row


async def remove_single_sign_on(context: Context, expected_version: int) -> None:
    """Delete the provider and all links to it. Passwords go on working. Raises Refused."""
    owner_id = owner_of(context)
    _check_holds_all(context)
    async with context.write() as connection:
        if await _at_version(connection, owner_id, expected_version) is None:
            return
        await _delete(connection, owner_id)
        await connection.execute(sa.delete(identities).where(identities.c.owner_id == owner_id))
        await _record(connection, context)


async def find_single_sign_on(context: Context) -> sa.Row[Any] | None:
    async with context.read() as connection:
        return await single_sign_on.provider(connection, owner_of(context))


def _check_holds_all(context: Context) -> None:
    """Who names the provider can sign in as anybody that it vouches for. Raises Refused.

    A main account holds every permission of its merchant; of the platform's people, few do.
    """
    if context.viewer.merchant_id is None and (lacking := PLATFORM - context.viewer.permissions):
        raise Refused(PermissionNotHeld(permissions=tuple(sorted(lacking))))


async def _at_version(
    connection: AsyncConnection, owner_id: int, expected_version: int
) -> sa.Row[Any] | None:
    """The provider, None if there is none. Raises Refused for another version."""
    await lock(connection, "identity provider", owner_id)
    current = await single_sign_on.provider(connection, owner_id)
    version = 0 if current is None else current.version
    if version != expected_version:
        raise Refused(SingleSignOnChanged(current=version, path=("expectedVersion",)))
    return current


async def _delete(connection: AsyncConnection, owner_id: int) -> None:
    await connection.execute(
        sa.delete(identity_providers).where(identity_providers.c.owner_id == owner_id)
    )


async def _record(connection: AsyncConnection, context: Context) -> None:
    account = await lock_account(connection, context.viewer.id)
    if account is not None:
        await record(connection, context, StaffEventKind.SINGLE_SIGN_ON_CHANGED, account)
