"""A session's tokens, and its end.

Sessions run on the real time: a sandbox that moves the desk's clock ends nobody's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from auth import refresh_tokens, tokens
from auth.tokens import AccessToken
from domain.refusals.general import NotYours
from domain.refusals.refusal import Refused
from models.accounts import sign_ins
from resolvers.context import Context

SESSION_WINDOW: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a client keeps: one token for requests, and one to get the next pair with."""

    access: AccessToken
    refresh_token: str
    device_token: str | None = None


def tokens_of(
    context: Context,
    session_id: int,
    generation: int,
    issued_at: datetime,
    device_token: str | None = None,
) -> Tokens:
    """The same tokens each time: nothing in them is random."""
    return Tokens(
        access=tokens.issue(context.keys, tokens.Session(session_id=session_id), issued_at),
        refresh_token=refresh_tokens.issue(context.keys, session_id, generation),
        device_token=device_token,
    )


async def become(context: Context, signed_in: Tokens) -> None:
    """Let the rest of the answer, and later fields, be asked by whoever has just signed in."""
    context.token = signed_in.access.token
    await context.authenticate(fresh=True)


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
            .values(ended_at=context.wall.now())
        )
    context.authenticator.forget()
    context.token = context.asked_by = None
