"""Finding the pause windows that clocks have to heed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock, lock_shared
from database.prepared import AnyConnection, Prepared
from domain.clocks import Span
from models.pause_window import pause_windows

_CALENDAR: Final = "calendar"


_UPCOMING = Prepared(
    sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
    .where(pause_windows.c.end_at > sa.bindparam("now"))
    .order_by(pause_windows.c.start_at)
)


async def upcoming(session: AnyConnection, now: datetime) -> Sequence[Span]:
    """The windows that have not ended, in order. They never overlap."""
    return [Span(start, end) for start, end in await _UPCOMING.all(session, now=now)]


async def heeded(session: AnyConnection, now: datetime) -> Sequence[Span]:
    """The same for a clock that is about to be set: no pause is declared until that is written."""
    await lock_shared(session, _CALENDAR)
    return await upcoming(session, now)


async def hold_still(connection: AsyncConnection) -> None:
    """Wait for the clocks that are being set, and keep others from being set meanwhile.

    Whoever shares the calendar waits for it, and on a server whoever writes an order: a statement
    that ``heeds`` some pauses has the table before it looks, and so sees what was declared.
    """
    await lock(connection, _CALENDAR)
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.text("LOCK TABLE service_order IN SHARE ROW EXCLUSIVE MODE"))


def heeds(known: sa.ColumnElement[int], now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """That there are as many pauses ahead as were known: none is ever taken back."""
    ahead = sa.select(sa.func.count()).where(pause_windows.c.end_at > now)
    return ahead.scalar_subquery() == known


def ahead(now: sa.BindParameter[datetime]) -> Sequence[sa.ColumnElement[Any]]:
    """The begins and the ends of the pauses ahead, each an array, for a statement on a server."""
    return [
        sa.select(
            sa.type_coerce(
                sa.func.array_agg(aggregate_order_by(column, pause_windows.c.start_at)),
                sa.types.NullType(),
            )
        )
        .where(pause_windows.c.end_at > now)
        .scalar_subquery()
        for column in (pause_windows.c.start_at, pause_windows.c.end_at)
    ]
