"""Finding the pause windows, and locking their calendar while clocks are set."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock, lock_shared
from database.prepared import AnyConnection, Prepared
from domain.clocks import Span
from models.pause_window import pause_windows

_CALENDAR: Final = "calendar"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _is_upcoming(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    return (pause_windows.c.end_at > now) & pause_windows.c.withdrawn_at.is_(None)


_UPCOMING = Prepared(
    sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
    .where(_is_upcoming(sa.bindparam("now", type_=pause_windows.c.end_at.type)))
    .order_by(pause_windows.c.start_at)
)


async def upcoming(session: AnyConnection, now: datetime) -> Sequence[Span]:
    """The pause windows that have not ended or been withdrawn, in order. They never overlap."""
    return [Span(start, end) for start, end in await _UPCOMING.all(session, now=now)]


async def lock_upcoming(session: AnyConnection, now: datetime) -> Sequence[Span]:
    """The same for setting clocks: no window changes until this transaction ends."""
    await lock_windows(session)
    return await upcoming(session, now)


async def lock_windows(session: AnyConnection) -> None:
    """Let nobody change the pause windows until this transaction ends."""
    await lock_shared(session, _CALENDAR)


async def lock_all(connection: AsyncConnection) -> None:
    """Wait until nobody sets a clock, and let nobody set one until this transaction ends.

    This excludes the holders of ``lock_upcoming`` and, on PostgreSQL, every writer of orders: a
    statement with ``is_unchanged`` locks the table before it reads, so it sees the change.
    """
    await lock(connection, _CALENDAR)
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.text("LOCK TABLE service_order IN SHARE ROW EXCLUSIVE MODE"))


def fingerprint(windows: Sequence[Span]) -> str:
    """The windows as ``is_unchanged`` compares them: their microseconds, in order."""
    return " ".join(
        f"{(window.start - _EPOCH) // _MICROSECOND}-{(window.end - _EPOCH) // _MICROSECOND}"
        for window in windows
    )


def is_unchanged(
    *, windows: sa.ColumnElement[str], now: sa.ColumnElement[datetime]
) -> sa.ColumnElement[bool]:
    """That the upcoming windows at ``now`` have the fingerprint ``windows``. PostgreSQL only.

    Their number would not tell: one can be declared while another is withdrawn.
    """
    million, dash = (
        sa.literal_column("1000000", sa.BigInteger()),
        sa.literal_column("'-'", sa.Text()),
    )
    start, end = [
        sa.cast(sa.cast(sa.extract("epoch", column) * million, sa.BigInteger), sa.Text)
        for column in (pause_windows.c.start_at, pause_windows.c.end_at)
    ]
    space = aggregate_order_by(sa.literal_column("' '", sa.Text()), pause_windows.c.start_at)
    joined = sa.func.string_agg(start + dash + end, space)
    stored = sa.select(sa.func.coalesce(joined, sa.literal_column("''"))).where(_is_upcoming(now))
    return stored.scalar_subquery() == windows


def is_empty(*, now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """The same where no window was upcoming, as mostly: cheaper, for it reads none."""
    return ~sa.exists().where(_is_upcoming(now))


def upcoming_arrays(now: sa.BindParameter[datetime]) -> Sequence[sa.ColumnElement[Any]]:
    """Two columns for a PostgreSQL statement: arrays of the upcoming windows' starts and ends."""
    return [
        sa.select(
            sa.type_coerce(
                sa.func.array_agg(aggregate_order_by(column, pause_windows.c.start_at)),
                sa.types.NullType(),
            )
        )
        .where(_is_upcoming(now))
        .scalar_subquery()
        for column in (pause_windows.c.start_at, pause_windows.c.end_at)
    ]
