"""Ending a sign-in at an identity provider: a session, or a link to the account that asks."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import device_tokens
from auth.networks import network_of
from database.advisory_lock import lock
from domain.refusals.general import NotYours
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import AccountDisabled
from domain.refusals.single_sign_on import IdentityNotLinked, IdentityTaken, SingleSignOnFailed
from domain.staff_history import StaffEventKind
from models.queries import single_sign_on
from models.single_sign_on import PLATFORM_OWNER, Identity, identities
from models.tables import add
from resolvers.accounts.history import lock_account, record
from resolvers.accounts.prove_password import prove_password
from resolvers.accounts.unlink_identity import unlink_identity
from resolvers.context import Context
from resolvers.sign_in.session import Tokens
from resolvers.sign_in.sign_in import begin_session
from resolvers.single_sign_on.identify import Returned, Vouched, identify


async def complete_single_sign_on(
    context: Context, returned: Returned, device_token: str | None, label: str | None
) -> Tokens:
    """Begin a session of the account that the identity is linked to. Raises Refused.

    Nobody gets an account or a permission: an identity without an account is refused.
    """
    vouched = await identify(context, returned)
    account = await _find_account(context, vouched)
    if account is None:
        raise Refused(IdentityNotLinked())
    if account.disabled_at is not None:
        raise Refused(AccountDisabled())
    device = device_tokens.read(context.services.keys, device_token)
    if device is None or device.account_id != account.id:
        device_token = device_tokens.issue(context.services.keys, account.id)
    place = context.services.attempts.key("place", network_of(context.request.address))
    return await begin_session(
        context, account, place=place, forgiven=[], device_token=device_token, label=label
    )


async def link_single_sign_on(context: Context, password: str, returned: Returned) -> None:
    """Link the identity to the viewer's account, instead of an earlier one. Raises Refused."""
    viewer = context.viewer
    await prove_password(context, password, "link to a single sign-on")
    vouched = await identify(context, returned)
    if vouched.owner_id != (viewer.merchant_id or PLATFORM_OWNER):
        raise Refused(SingleSignOnFailed())
    async with context.write() as connection:
        await _lock(connection, vouched)
        holder = await _linked(connection, vouched)
        if holder is not None and holder.id != viewer.id:
            raise Refused(IdentityTaken())
        if holder is None:
            await _link(connection, context, viewer.id, vouched)


async def unlink_single_sign_on(context: Context) -> None:
    """Remove the link of the viewer's account. Its password goes on working. Idempotent.

    Raises Refused.
    """
    if context.viewer.session_id is None:
        raise Refused(NotYours())
    async with context.write() as connection:
        account = await lock_account(connection, context.viewer.id)
        if account is not None:
            await unlink_identity(connection, context, account)


async def _find_account(context: Context, vouched: Vouched) -> sa.Row[Any] | None:
    """The linked account; or the one with the verified address as its login, linked from now on."""
    async with context.services.database.read(vital=True) as connection:
        account = await _linked(connection, vouched)
    email = vouched.identity.email
    if account is not None or email is None or not vouched.provider.links_by_email:
        return account
    async with context.write() as connection:
        await _lock(connection, vouched)
        account = await _linked(connection, vouched)  # another request may have been faster
        if account is None:
            account = await single_sign_on.account_by_email(connection, vouched.owner_id, email)
            if account is not None and account.disabled_at is None:
                await _link(connection, context, account.id, vouched)
    return account


async def _lock(connection: AsyncConnection, vouched: Vouched) -> None:
    """So that an identity is linked once."""
    issuer, subject = vouched.provider.issuer, vouched.identity.subject
    await lock(connection, "identity", vouched.owner_id, issuer, subject)


async def _linked(connection: AsyncConnection, vouched: Vouched) -> sa.Row[Any] | None:
    return await single_sign_on.linked_account(
        connection, vouched.owner_id, vouched.provider.issuer, vouched.identity.subject
    )


async def _link(
    connection: AsyncConnection, context: Context, account_id: int, vouched: Vouched
) -> None:
    account = await lock_account(connection, account_id)
    if account is None:
        raise Refused(IdentityNotLinked())
    await connection.execute(sa.delete(identities).where(identities.c.account_id == account_id))
    await add(
        connection,
        Identity(
            account_id=account_id,
            owner_id=vouched.owner_id,
            issuer=vouched.provider.issuer,
            subject=vouched.identity.subject,
            linked_at=context.services.wall.now(),
        ),
    )
    await record(connection, context, StaffEventKind.IDENTITY_LINKED, account)
