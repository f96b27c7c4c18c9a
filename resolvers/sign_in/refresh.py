"""Exchanging a refresh token for the next pair of tokens."""

import logging
from datetime import datetime
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import refresh_tokens, secrets, tokens
from auth.refresh_tokens import RefreshToken
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import SessionEnded
from models.accounts import accounts, sign_ins
from resolvers.context import Context
from resolvers.sign_in.session import SESSION_WINDOW, Tokens, become_viewer, tokens_of

_log = logging.getLogger("aftersales.sign_in")


class TokenState(Enum):
    """The state of a refresh token in its session."""

    NEWEST = auto()
    JUST_EXCHANGED = auto()
    """Replaced by the newest token in the grace window: the answer was lost, or two tabs raced."""
    REUSED = auto()
    """Replaced before the grace window: a copy of the token is in other hands."""
    UNKNOWN = auto()
    """Forged, or of a session that has ended."""


async def refresh(context: Context, refresh_token: str) -> Tokens:
    """Raises Refused. A token that was replaced before the grace window ends its session."""
    token = refresh_tokens.read(context.services.keys, refresh_token)
    if token is None:
        raise Refused(SessionEnded())
    now = context.services.wall.now()
    async with context.services.database.read(vital=True) as connection:
        session = await _find_session(connection, _active_session(token, now))
    state = _token_state(session, token, now)
    if state in (TokenState.NEWEST, TokenState.REUSED) and not _is_settling(session, token, now):
        session, state = await _rotate_or_end(context, token, now)
    if session is None or state not in (TokenState.NEWEST, TokenState.JUST_EXCHANGED):
        raise Refused(SessionEnded())
    issued_at = datetime.fromisoformat(session.rotated_at[-1])
    claims = tokens.Session(session_id=session.id, merchant_id=session.merchant_id)
    pair = tokens_of(context, claims, session.generation, issued_at)
    await become_viewer(context, pair)
    return pair


async def _rotate_or_end(
    context: Context, token: RefreshToken, now: datetime
) -> tuple[sa.Row[Any] | None, TokenState]:
    """Rotate the session's token, or end the session. Returns the session as it is afterwards."""
    async with context.write() as connection:
        # The row is locked, so that the second of two tabs sees the rotation of the first.
        session = await _find_session(
            connection, _active_session(token, now).with_for_update(of=sign_ins)
        )
        state = _token_state(session, token, now)
        values: dict[str, Any] = {}
        if _is_settling(session, token, now):  # another request was faster
            return session, state
        if session is not None and state is TokenState.NEWEST:
            values = {
                "generation": max(session.generation, token.generation) + 1,
                "rotated_at": refresh_tokens.rotated(session.rotated_at, now),
                "expires_at": now + SESSION_WINDOW,
                "last_used_at": now,
            }
        elif state is TokenState.REUSED:
            values = {"ended_at": now}
        if values:
            is_session = sign_ins.c.id == token.session_id
            await connection.execute(sa.update(sign_ins).where(is_session).values(**values))
            session = await _find_session(connection, _sessions().where(is_session))
    if state is TokenState.REUSED:
        context.services.authenticator.forget()
        _log.warning(
            "session %s ended: an old refresh token of it came from %s",
            token.session_id,
            context.request.address,
        )
    return session, state


def _token_state(session: sa.Row[Any] | None, token: RefreshToken, now: datetime) -> TokenState:
    if session is None:
        return TokenState.UNKNOWN
    if token.generation == 0 and not (
        session.secret_hash and secrets.matches(session.secret_hash, token.secret)
    ):
        return TokenState.UNKNOWN
    behind = session.generation - token.generation
    if behind <= 0:
        # Negative after a backup was restored: the rotations since the backup are lost.
        return TokenState.NEWEST
    if refresh_tokens.was_just_exchanged(behind, session.rotated_at, now):
        return TokenState.JUST_EXCHANGED
    return TokenState.REUSED


def _is_settling(session: sa.Row[Any] | None, token: RefreshToken, now: datetime) -> bool:
    """Whether the newest token was issued a moment ago: it is answered with itself."""
    return (
        session is not None
        and token.generation == session.generation
        and refresh_tokens.is_settling(session.rotated_at, now)
    )


_COLUMNS = (
    sign_ins.c.id,
    sign_ins.c.generation,
    sign_ins.c.rotated_at,
    sign_ins.c.secret_hash,
    accounts.c.merchant_id,
)


def _active_session(token: RefreshToken, now: datetime) -> sa.Select[Any]:
    return _sessions().where(
        sign_ins.c.id == token.session_id,
        sign_ins.c.ended_at.is_(None),
        sign_ins.c.expires_at > now,
        accounts.c.disabled_at.is_(None),
    )


def _sessions() -> sa.Select[Any]:
    return sa.select(*_COLUMNS).join(accounts, accounts.c.id == sign_ins.c.account_id)


async def _find_session(
    connection: AsyncConnection, statement: sa.Select[Any]
) -> sa.Row[Any] | None:
    row: sa.Row[Any] | None = (await connection.execute(statement)).one_or_none()
    return row
