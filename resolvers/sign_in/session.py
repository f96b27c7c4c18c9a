"""A session's tokens, and signing out.

Sessions expire by the real time: advancing the clock of a sandbox ends none of them.
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
    """The tokens of a client: one for requests, and one that is exchanged for the next pair."""

    access: AccessToken
    refresh_token: str
    device_token: str | None = None


def tokens_of(
    context: Context,
    session: tokens.Session,
    generation: int,
    issued_at: datetime,
    device_token: str | None = None,
) -> Tokens:
    """Derive the session's tokens. The same arguments give the same tokens."""
    return Tokens(
        access=tokens.issue(context.services.keys, session, issued_at),
        refresh_token=refresh_tokens.issue(context.services.keys, session.session_id, generation),
        device_token=device_token,
    )


async def become_viewer(context: Context, signed_in: Tokens) -> None:
    """Make the signed-in account the viewer of the rest of the answer and of later fields."""
    context.request = context.request._replace(token=signed_in.access.token)
    await context.authenticate(fresh=True)


async def sign_out(context: Context) -> None:
    """End the session of the request's token.

    Raises Refused for connectors and customers, whose tokens belong to no session.
    """
    if context.viewer.session_id is None:
        raise Refused(NotYours())
    async with context.write() as connection:
        await connection.execute(
            sa.update(sign_ins)
            .where(sign_ins.c.id == context.viewer.session_id)
            .values(ended_at=context.services.wall.now())
        )
    context.services.authenticator.forget()
    context.request = context.request._replace(token=None)
    context.viewer_or_none = None
