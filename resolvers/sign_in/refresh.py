"""Trading a refresh token for the next pair of tokens."""

import logging
from datetime import datetime
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import refresh_tokens, secrets
from auth.refresh_tokens import RefreshToken
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import SessionEnded
from models.accounts import accounts, sign_ins
from resolvers.context import Context
from resolvers.sign_in.session import SESSION_WINDOW, Tokens, become, tokens_of

_log = logging.getLogger("aftersales.sign_in")


class Standing(Enum):
    """What a token is to its session."""

    NEWEST = auto()
    JUST_TRADED = auto()
    """For the present token, within the window: the answer was lost, or another tab was faster."""
    COPIED = auto()
    """Traded long ago: whoever has the newest one is not the only one with tokens."""
    UNKNOWN = auto()
    """Made up, or of a session that has ended."""


async def refresh(context: Context, refresh_token: str) -> Tokens:
    """Raises Refused. A token that was traded before the window ends its session."""
    token = refresh_tokens.read(context.keys, refresh_token)
    if token is None:
        raise Refused(SessionEnded())
    now = context.wall.now()
    async with context.database.read(vital=True) as connection:
        session = await _find(connection, _living(token, now))
    standing = _standing(session, token, now)
    if standing in (Standing.NEWEST, Standing.COPIED):
        session, standing = await _change(context, token, now)
    if session is None or standing not in (Standing.NEWEST, Standing.JUST_TRADED):
        raise Refused(SessionEnded())
    issued_at = datetime.fromisoformat(session.rotated_at[-1])
    pair = tokens_of(context, session.id, session.generation, issued_at)
    await become(context, pair)
    return pair


async def _change(
    context: Context, token: RefreshToken, now: datetime
) -> tuple[sa.Row[Any] | None, Standing]:
    """Rotate the session's token, or end the session; the session as it is afterwards."""
    async with context.write() as connection:
        # Locked, so that of two tabs the second sees what the first has done.
        session = await _find(connection, _living(token, now).with_for_update(of=sign_ins))
        standing = _standing(session, token, now)
        values: dict[str, Any] = {}
        if session is not None and standing is Standing.NEWEST:
            values = {
                "generation": max(session.generation, token.generation) + 1,
                "rotated_at": refresh_tokens.rotated(session.rotated_at, now),
                "expires_at": now + SESSION_WINDOW,
            }
        elif standing is Standing.COPIED:
            values = {"ended_at": now}
        if values:
            changed = sa.update(sign_ins).where(sign_ins.c.id == token.session_id)
            await connection.execute(changed.values(**values))
            found = sa.select(*_COLUMNS).where(sign_ins.c.id == token.session_id)
            session = await _find(connection, found)
    if standing is Standing.COPIED:
        context.authenticator.forget()
        _log.warning(
            "session %s ended: an old refresh token of it came from %s",
            token.session_id,
            context.address,
        )
    return session, standing


def _standing(session: sa.Row[Any] | None, token: RefreshToken, now: datetime) -> Standing:
    if session is None:
        return Standing.UNKNOWN
    if token.generation == 0 and not (
        session.secret_hash and secrets.matches(session.secret_hash, token.secret)
    ):
        return Standing.UNKNOWN
    behind = session.generation - token.generation
    if behind <= 0:
        # Ahead after a backup was restored: the token was the newest when the rows were lost.
        return Standing.NEWEST
    if refresh_tokens.was_just_traded(behind, session.rotated_at, now):
        return Standing.JUST_TRADED
    return Standing.COPIED


_COLUMNS = (
    sign_ins.c.id,
    sign_ins.c.generation,
    sign_ins.c.rotated_at,
    sign_ins.c.secret_hash,
)


def _living(token: RefreshToken, now: datetime) -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS)
        .join(accounts, accounts.c.id == sign_ins.c.account_id)
        .where(
            sign_ins.c.id == token.session_id,
            sign_ins.c.ended_at.is_(None),
            sign_ins.c.expires_at > now,
            accounts.c.disabled_at.is_(None),
        )
    )


async def _find(connection: AsyncConnection, statement: sa.Select[Any]) -> sa.Row[Any] | None:
    found: sa.Row[Any] | None = (await connection.execute(statement)).one_or_none()
    return found
