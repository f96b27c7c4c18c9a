"""Finding the pause windows, and locking their calendar while clocks are set."""

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
    """The pause windows that have not ended, in order. They never overlap."""
    return [Span(start, end) for start, end in await _UPCOMING.all(session, now=now)]


async def lock_upcoming(session: AnyConnection, now: datetime) -> Sequence[Span]:
    """The same for setting clocks: no pause can be declared until this transaction ends."""
    await lock_shared(session, _CALENDAR)
    return await upcoming(session, now)


async def lock_all(connection: AsyncConnection) -> None:
    """Wait until nobody sets a clock, and let nobody set one until this transaction ends.

    This excludes the holders of ``lock_upcoming`` and, on PostgreSQL, every writer of orders: a
    statement with ``is_unchanged`` locks the table before it reads, so it sees a new window.
    """
    await lock(connection, _CALENDAR)
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.text("LOCK TABLE service_order IN SHARE ROW EXCLUSIVE MODE"))


def is_unchanged(
    *, count: sa.ColumnElement[int], now: sa.ColumnElement[datetime]
) -> sa.ColumnElement[bool]:
    """That ``count`` windows have not ended at ``now``. Counting is enough: none is removed."""
    upcoming_count = sa.select(sa.func.count()).where(pause_windows.c.end_at > now)
    return upcoming_count.scalar_subquery() == count


def upcoming_arrays(now: sa.BindParameter[datetime]) -> Sequence[sa.ColumnElement[Any]]:
    """Two columns for a PostgreSQL statement: arrays of the upcoming windows' starts and ends."""
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
