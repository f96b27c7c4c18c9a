"""Ending one's own sessions, one by one or all."""

import sqlalchemy as sa

from domain.refusals.general import NotFound, NotYours
from domain.refusals.refusal import Refused
from models.accounts import sign_ins
from models.queries import accounts
from resolvers.context import Context
from resolvers.sign_in.session import sign_out


async def end_session(context: Context, id_: int) -> None:
    """End a session of the viewer's account. Idempotent. Raises Refused."""
    own = _own_session(context)
    if id_ == own:
        await sign_out(context)
        return
    async with context.write() as connection:
        is_own = sa.and_(sign_ins.c.id == id_, sign_ins.c.account_id == context.viewer.id)
        if await connection.scalar(sa.select(sign_ins.c.id).where(is_own)) is None:
            raise Refused(NotFound(kind="Session", path=("id",)))
        await connection.execute(
            sa.update(sign_ins)
            .where(is_own, sign_ins.c.ended_at.is_(None))
            .values(ended_at=context.services.wall.now())
        )
    context.services.authenticator.forget()


async def end_sessions(context: Context, *, with_this: bool) -> int:
    """End the sessions of the viewer's account, all or all others; return how many.

    Raises Refused.
    """
    own = _own_session(context)
    now = context.services.wall.now()
    async with context.write() as connection:
        ended = await accounts.end_sessions(connection, context.viewer.id, now, but=own)
    context.services.authenticator.forget()
    if not with_this:
        return ended
    await sign_out(context)
    return ended + 1


def _own_session(context: Context) -> int:
    """Raises Refused for connectors and customers, whose tokens belong to no session."""
    if context.viewer.session_id is None:
        raise Refused(NotYours())
    return context.viewer.session_id
