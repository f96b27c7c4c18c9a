"""Signing in, staying signed in, and signing out.

All of it runs on the real time: a sandbox that moves the desk's clock ends nobody's session.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from auth import secrets, tokens
from auth.passwords import is_password
from auth.tokens import AccessToken
from domain.refusals import (
    AccountDisabled,
    InvalidCredentials,
    NotYours,
    Refused,
    SessionEnded,
    TooManyAttempts,
)
from models.accounts import SignIn, SignInThrottle, accounts, sign_ins, throttles
from models.database import add
from models.hold import hold
from models.ids import new_id
from resolvers.context import Context

SESSION_WINDOW: Final = timedelta(days=30)
MAX_FAILURES: Final = 10
FAILURE_WINDOW: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a client keeps: one token for requests, and one to get the next pair with."""

    access: AccessToken
    refresh_token: str


async def sign_in(context: Context, login: str, password: str) -> Tokens:
    """Raises Refused: wrong, disabled, or too many failures for this login."""
    now = datetime.now(UTC)
    await _count_attempt(context, login, now)
    async with context.database.read(vital=True) as connection:
        account = (
            await connection.execute(
                sa.select(accounts.c.id, accounts.c.password_hash, accounts.c.disabled_at).where(
                    accounts.c.login == login
                )
            )
        ).one_or_none()
    if not await is_password(account and account.password_hash, password) or account is None:
        raise Refused(InvalidCredentials())
    if account.disabled_at is not None:
        raise Refused(AccountDisabled())
    session_id, secret = new_id(), secrets.new_secret()
    async with context.write() as connection:
        await connection.execute(sa.delete(throttles).where(throttles.c.login == login))
        session = SignIn(
            id=session_id,
            account_id=account.id,
            secret_hash=secrets.hashed(secret),
            created_at=now,
            expires_at=now + SESSION_WINDOW,
        )
        await add(connection, session)
    await _become(context, session_id, now)
    return _tokens(context, session_id, secret, now)


async def refresh(context: Context, refresh_token: str) -> Tokens:
    """Trade a refresh token for a new pair. Raises Refused.

    A token that was traded before has been copied by somebody: the whole session ends.
    """
    now = datetime.now(UTC)
    opened = secrets.open_token(secrets.SESSION, refresh_token)
    if opened is None:
        raise Refused(SessionEnded())
    secret = secrets.new_secret()
    async with context.write() as connection:
        session = (
            await connection.execute(
                sa.select(sign_ins.c.secret_hash)
                .join(accounts, accounts.c.id == sign_ins.c.account_id)
                .where(
                    sign_ins.c.id == opened.id,
                    sign_ins.c.ended_at.is_(None),
                    sign_ins.c.expires_at > now,
                    accounts.c.disabled_at.is_(None),
                )
                .with_for_update(of=sign_ins)
            )
        ).one_or_none()
        is_newest = session is not None and secrets.matches(session.secret_hash, opened.secret)
        values: dict[str, Any] = {"ended_at": now}
        if is_newest:
            values = {"secret_hash": secrets.hashed(secret), "expires_at": now + SESSION_WINDOW}
        if session is not None:
            await connection.execute(
                sa.update(sign_ins).where(sign_ins.c.id == opened.id).values(**values)
            )
    if not is_newest:
        context.authenticator.forget()
        raise Refused(SessionEnded())
    await _become(context, opened.id, now)
    return _tokens(context, opened.id, secret, now)


async def sign_out(context: Context) -> None:
    """End the session of the token that the request carries.

    Raises Refused for connectors and customers, who have none: their token is not a session's.
    """
    if context.viewer.session_id is None:
        raise Refused(NotYours())
    async with context.write() as connection:
        await connection.execute(
            sa.update(sign_ins)
            .where(sign_ins.c.id == context.viewer.session_id)
            .values(ended_at=datetime.now(UTC))
        )
    context.authenticator.forget()
    context.token = context.asked_by = None


async def _become(context: Context, session_id: int, now: datetime) -> None:
    """Let the rest of the answer, and later fields, be asked by whoever has just signed in."""
    claims = tokens.Session(session_id=session_id)
    context.token = tokens.issue(context.keys, claims, now).token
    await context.authenticate(fresh=True)


def _tokens(context: Context, session_id: int, secret: str, now: datetime) -> Tokens:
    return Tokens(
        access=tokens.issue(context.keys, tokens.Session(session_id=session_id), now),
        refresh_token=secrets.token_of(secrets.SESSION, session_id, secret),
    )


async def _count_attempt(context: Context, login: str, now: datetime) -> None:
    """Count before the password is looked at, so that guesses side by side are counted too.

    The count goes at the first success; what is older than the window goes for every login.
    """
    async with context.write() as connection:
        await hold(connection, "sign-in", login)
        await connection.execute(
            sa.delete(throttles).where(throttles.c.window_started_at <= now - FAILURE_WINDOW)
        )
        row = (
            await connection.execute(sa.select(throttles).where(throttles.c.login == login))
        ).one_or_none()
        if row is None:
            await add(connection, SignInThrottle(login=login, failures=1, window_started_at=now))
        elif row.failures < MAX_FAILURES:
            counted = sa.update(throttles).where(throttles.c.login == login)
            await connection.execute(counted.values(failures=row.failures + 1))
        else:
            raise Refused(TooManyAttempts(retry_at=row.window_started_at + FAILURE_WINDOW))
