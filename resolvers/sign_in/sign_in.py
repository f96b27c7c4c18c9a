"""Signing in with a password."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from auth import attempts, device_tokens
from auth.attempts import Attempt, Terms
from auth.passwords import is_password
from auth.places import place_of
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import AccountDisabled, InvalidCredentials
from models.accounts import SignIn, accounts, sign_ins
from models.ids import new_id
from models.queries import throttles
from models.tables import add
from resolvers.context import Context
from resolvers.sign_in.session import SESSION_WINDOW, Tokens, become, tokens_of

KNOWN_PLACE: Final = timedelta(days=30)
"""For how long a place is known to an account that signed in from there."""

_log = logging.getLogger("aftersales.sign_in")


async def sign_in(
    context: Context, login: str, password: str, device_token: str | None = None
) -> Tokens:
    """Raises Refused: wrong, disabled, or too many failures.

    Nothing is written, and no writer waited for, before the password is known to be right.
    """
    device = device_tokens.read(context.keys, device_token)
    attempt = context.attempts.attempt(login, context.address, device)
    place = context.attempts.key("place", place_of(context.address))
    async with context.attempts.turn(attempt):
        account = await _find(context, login, place)
        terms = _terms(attempt, account)
        await context.attempts.check(attempt, terms)
        is_right = await is_password(account and account.password_hash, password)
        if not is_right or account is None:
            context.attempts.fail(terms)
            _log_failure(context, login, account)
            raise Refused(InvalidCredentials())
    if account.disabled_at is not None:
        raise Refused(AccountDisabled())
    kept = device_token
    if not _is_own_device(attempt, account):
        kept = device_tokens.issue(context.keys, account.id)
    return await _begin(context, account.id, place, context.attempts.forgive(attempt), kept)


async def _begin(
    context: Context, account_id: int, place: str, forgiven: list[str], device_token: str | None
) -> Tokens:
    now = context.wall.now()
    session = SignIn(
        id=new_id(),
        account_id=account_id,
        generation=1,
        place=place,
        created_at=now,
        expires_at=now + SESSION_WINDOW,
    )
    async with context.write() as connection:
        await throttles.forget(connection, forgiven)
        await add(connection, session)
    signed_in = tokens_of(context, session.id, session.generation, now, device_token)
    await become(context, signed_in)
    return signed_in


async def _find(context: Context, login: str, place: str) -> sa.Row[Any] | None:
    """The account, and whether it has signed in from this place before."""
    since: datetime = context.wall.now() - KNOWN_PLACE
    known = sa.exists().where(
        sign_ins.c.account_id == accounts.c.id,
        sign_ins.c.place == place,
        sign_ins.c.created_at > since,
    )
    statement = sa.select(
        accounts.c.id, accounts.c.password_hash, accounts.c.disabled_at, known.label("is_known")
    ).where(accounts.c.login == login)
    async with context.database.read(vital=True) as connection:
        return (await connection.execute(statement)).one_or_none()


def _terms(attempt: Attempt, account: sa.Row[Any] | None) -> Terms:
    """A known device answers for itself alone, a known place for this login alone."""
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
    """Without the login as it was typed: some people type their password there.

    A login that exists is told by its account's number, any other by a hash, so that a spray over
    many looks different from one person who mistypes theirs.
    """
    who = (
        f"the unknown login {context.attempts.key('log', login)[:12]}"
        if account is None
        else f"account {account.id}"
    )
    _log.warning("failed sign-in to %s from %s", who, context.address or "no address")
