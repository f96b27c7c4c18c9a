"""Signing in with a password."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import device_tokens, tokens
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import AccountDisabled, InvalidCredentials
from models.accounts import MAX_USER_AGENT, SignIn
from models.ids import new_id
from models.queries import accounts, throttles
from models.tables import add
from resolvers.context import Context
from resolvers.sign_in.session import SESSION_WINDOW, Tokens, become_viewer, tokens_of
from resolvers.sign_in.trial import trying


async def sign_in(
    context: Context,
    login: str,
    password: str,
    device_token: str | None = None,
    label: str | None = None,
) -> Tokens:
    """Raises Refused for wrong credentials, a disabled account, or too many failed attempts.

    Nothing is written before the password has proved right, and no write connection is waited for.
    """
    async with trying(context, login, device_token) as trial:
        is_right = await trial.is_password(password)
        if not is_right or trial.account is None:
            trial.fail("sign-in")
            raise Refused(InvalidCredentials())
    if trial.account.disabled_at is not None:
        context.services.attempts.outcomes["disabled"] += 1
        raise Refused(AccountDisabled())
    if not trial.is_own_device:
        device_token = device_tokens.issue(context.services.keys, trial.account.id)
    return await begin_session(
        context,
        trial.account,
        place=trial.place,
        forgiven=trial.forgive(),
        device_token=device_token,
        label=label,
        password_hash=trial.account.password_hash,
    )


async def begin_session(
    context: Context,
    account: sa.Row[Any],
    *,
    place: str,
    forgiven: list[str],
    device_token: str | None,
    label: str | None,
    password_hash: str | None = None,
) -> Tokens:
    """Begin a session of an account whose owner has proved who they are.

    ``forgiven`` are the keys of stored failures to delete. ``password_hash`` is that of the
    password that was tried. Raises Refused if the account has another one by now.
    """
    now = context.services.wall.now()
    session = SignIn(
        id=new_id(),
        account_id=account.id,
        generation=1,
        place=place,
        created_at=now,
        expires_at=now + SESSION_WINDOW,
        user_agent=_user_agent(context.request.user_agent),
        label=label,
        last_used_at=now,
    )
    async with context.write() as connection:
        if password_hash is not None:
            await _check_unchanged(connection, account.id, password_hash)
        await throttles.delete(connection, forgiven)
        await add(connection, session)
    claims = tokens.Session(session_id=session.id, merchant_id=account.merchant_id)
    signed_in = tokens_of(context, claims, session.generation, now, device_token)
    await become_viewer(context, signed_in)
    context.services.attempts.outcomes["ok"] += 1
    return signed_in


async def _check_unchanged(connection: AsyncConnection, account_id: int, tried: str) -> None:
    """Raises Refused if the password was changed since it was tried.

    The account is locked until the session is there: a change ends the sessions that it finds.
    """
    if await accounts.hold(connection, account_id) != tried:
        raise Refused(InvalidCredentials())


def _user_agent(sent: bytes) -> str | None:
    """What the client calls itself, without characters that show nothing or turn directions."""
    text = sent[: 4 * MAX_USER_AGENT].decode("utf-8", "replace")
    return "".join(filter(str.isprintable, text)).strip()[:MAX_USER_AGENT] or None
