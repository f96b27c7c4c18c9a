"""Signing in with a password."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from auth import attempts, device_tokens, tokens
from auth.attempts import Attempt, Terms
from auth.networks import network_of
from auth.passwords import is_password
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import AccountDisabled, InvalidCredentials
from models.accounts import SignIn, accounts, sign_ins
from models.ids import new_id
from models.queries import throttles
from models.tables import add
from resolvers.context import Context
from resolvers.sign_in.session import SESSION_WINDOW, Tokens, become_viewer, tokens_of

KNOWN_PLACE: Final = timedelta(days=30)
"""How long a place stays known to an account after a sign-in from there."""

_log = logging.getLogger("aftersales.sign_in")


async def sign_in(
    context: Context, login: str, password: str, device_token: str | None = None
) -> Tokens:
    """Raises Refused for wrong credentials, a disabled account, or too many failed attempts.

    Nothing is written before the password has proved right, and no write connection is waited for.
    """
    device = device_tokens.read(context.services.keys, device_token)
    attempt = context.services.attempts.attempt(login, context.request.address, device)
    place = context.services.attempts.key("place", network_of(context.request.address))
    async with context.services.attempts.permit(attempt):
        account = await _find_account(context, login, place)
        terms = _attempt_terms(attempt, account)
        await context.services.attempts.check(attempt, terms)
        is_right = await is_password(account and account.password_hash, password)
        if not is_right or account is None:
            context.services.attempts.fail(terms)
            context.services.attempts.outcomes["wrong_credentials"] += 1
            _log_failure(context, login, account)
            raise Refused(InvalidCredentials())
    if account.disabled_at is not None:
        context.services.attempts.outcomes["disabled"] += 1
        raise Refused(AccountDisabled())
    if not _is_own_device(attempt, account):
        device_token = device_tokens.issue(context.services.keys, account.id)
    forgiven = context.services.attempts.forgive(attempt)
    return await _begin_session(context, account, place, forgiven, device_token)


async def _begin_session(
    context: Context,
    account: sa.Row[Any],
    place: str,
    forgiven: list[str],
    device_token: str | None,
) -> Tokens:
    now = context.services.wall.now()
    session = SignIn(
        id=new_id(),
        account_id=account.id,
        generation=1,
        place=place,
        created_at=now,
        expires_at=now + SESSION_WINDOW,
    )
    async with context.write() as connection:
        await throttles.delete(connection, forgiven)
        await add(connection, session)
    claims = tokens.Session(session_id=session.id, merchant_id=account.merchant_id)
    signed_in = tokens_of(context, claims, session.generation, now, device_token)
    await become_viewer(context, signed_in)
    context.services.attempts.outcomes["ok"] += 1
    return signed_in


async def _find_account(context: Context, login: str, place: str) -> sa.Row[Any] | None:
    """The account, and whether it has signed in from this place within ``KNOWN_PLACE``."""
    since: datetime = context.services.wall.now() - KNOWN_PLACE
    is_known = sa.exists().where(
        sign_ins.c.account_id == accounts.c.id,
        sign_ins.c.place == place,
        sign_ins.c.created_at > since,
    )
    statement = sa.select(
        accounts.c.id,
        accounts.c.merchant_id,
        accounts.c.password_hash,
        accounts.c.disabled_at,
        is_known.label("is_known"),
    ).where(accounts.c.login == login)
    async with context.services.database.read(vital=True) as connection:
        return (await connection.execute(statement)).one_or_none()


def _attempt_terms(attempt: Attempt, account: sa.Row[Any] | None) -> Terms:
    """A known device is limited on its own, a known place for this login only."""
    if attempt.of_device is not None and _is_own_device(attempt, account):
        return Terms({attempt.of_device: attempts.MAX_OF_DEVICE}, (attempt.of_device,))
    if account is not None and account.is_known:
        limits = {attempt.at_place: attempts.MAX_AT_KNOWN_PLACE}
        return Terms(limits, (attempt.at_place, attempt.of_place))
    limits = {
        attempt.at_place: attempts.MAX_AT_PLACE,
        attempt.of_place: attempts.MAX_OF_PLACE,
        attempt.of_login: attempts.MAX_OF_LOGIN,
    }
    return Terms(limits, tuple(limits))


def _is_own_device(attempt: Attempt, account: sa.Row[Any] | None) -> bool:
    device = attempt.device
    return device is not None and account is not None and device.account_id == account.id


def _log_failure(context: Context, login: str, account: sa.Row[Any] | None) -> None:
    """Log the failure without the login as typed: some people type their password there.

    An existing login is logged as its account's id, any other as a hash, so that password spraying
    over many logins looks different from one person's typing errors.
    """
    subject = (
        f"the unknown login {context.services.attempts.key('log', login)[:12]}"
        if account is None
        else f"account {account.id}"
    )
    _log.warning("failed sign-in to %s from %s", subject, context.request.address or "no address")
