"""Declaring, changing and withdrawing pause windows: every clock that they touch moves."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.distribution import is_distributed
from domain.actors import ActorKind, NamedActor
from domain.clocks import Clocks, Span
from domain.events import EventKind
from domain.refusals.general import NotFound
from domain.refusals.platform import WindowHasBegun, WindowOverlaps, WindowWithdrawn
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from models.ids import new_id
from models.journal.change import Change
from models.journal.record import append_event
from models.journal.step_values import clock_columns
from models.journal.targets import moved_target, with_target
from models.pause_window import PauseWindow, pause_windows
from models.queries import calendar
from models.queries.service_orders import Order, orders, read
from models.service_order import service_orders
from models.tables import add
from models.wake import needs_wake
from resolvers.context import Context

MAX_AHEAD: Final = timedelta(days=3652)
"""How far ahead a window may end: clocks move by its length, and dates end with the year 9999."""


async def declare_pause(
    context: Context, *, name: str, start_at: datetime, end_at: datetime
) -> int:
    """Return the window's id.

    Raises Refused for an overlap, BadInput for a window in the past or an empty one.
    """
    _check_times(context, start_at, end_at)
    async with context.write() as connection:
        await calendar.lock_all(connection)
        before = await calendar.upcoming(connection, context.now)
        id_ = await _add(connection, context, name, Span(start_at, end_at))
        await _move_clocks(connection, context, name, before, since=start_at)
    return id_


async def change_pause(
    context: Context, id_: int, *, name: str | None, start_at: datetime, end_at: datetime
) -> int:
    """Withdraw a window that lies ahead, and declare it anew; return the new window's id.

    The old row stays as it was, so that the doctor can replay both. Raises like ``declare_pause``
    and ``withdraw_pause``.
    """
    _check_times(context, start_at, end_at)
    async with context.write() as connection:
        await calendar.lock_all(connection)
        window = await _get_ahead(connection, context, id_)
        before = await calendar.upcoming(connection, context.now)
        await _mark_withdrawn(connection, context, id_)
        name = name or window.name
        new = await _add(connection, context, name, Span(start_at, end_at))
        since = min(window.start_at, start_at)
        await _move_clocks(connection, context, name, before, since=since)
    return new


async def withdraw_pause(context: Context, id_: int) -> int:
    """Withdraw a window that lies ahead. Raises Refused for any other."""
    async with context.write() as connection:
        await calendar.lock_all(connection)
        window = await _get_ahead(connection, context, id_)
        before = await calendar.upcoming(connection, context.now)
        await _mark_withdrawn(connection, context, id_)
        await _move_clocks(connection, context, window.name, before, since=window.start_at)
    return id_


def _check_times(context: Context, start_at: datetime, end_at: datetime) -> None:
    if not context.now <= start_at < end_at:
        message = Text("时段须在将来且不为空", "The window must lie ahead and must not be empty.")
        raise BadInput(("startAt",), message)
    if end_at > context.now + MAX_AHEAD:
        message = Text("时段须在十年内结束", "The window must end within ten years.")
        raise BadInput(("endAt",), message)


async def _get_ahead(
    connection: AsyncConnection, context: Context, id_: int
) -> sa.Row[Any]:  # Any: columns of all types
    """The row of a window that has not begun. Raises Refused."""
    rows = await connection.execute(sa.select(pause_windows).where(pause_windows.c.id == id_))
    window = rows.one_or_none()
    if window is None:
        raise Refused(NotFound(kind="PauseWindow", path=("id",)))
    if window.withdrawn_at is not None:
        by = NamedActor(kind=ActorKind.PLATFORM, name=window.withdrawn_by)
        raise Refused(WindowWithdrawn(by=by, at=window.withdrawn_at, path=("id",)))
    if window.start_at <= context.now:
        # Clocks have stood still in it, and nobody can take that back.
        raise Refused(WindowHasBegun(start_at=window.start_at, path=("id",)))
    return window


async def _add(connection: AsyncConnection, context: Context, name: str, window: Span) -> int:
    await _check_overlap(connection, window)
    id_ = new_id()
    pause = PauseWindow(
        id=id_,
        name=name,
        start_at=window.start,
        end_at=window.end,
        declared_by=context.viewer.name,
        declared_at=context.now,
    )
    await add(connection, pause)
    return id_


async def _mark_withdrawn(connection: AsyncConnection, context: Context, id_: int) -> None:
    await connection.execute(
        sa.update(pause_windows)
        .where(pause_windows.c.id == id_)
        .values(withdrawn_by=context.viewer.name, withdrawn_at=context.now)
    )


async def _check_overlap(connection: AsyncConnection, window: Span) -> None:
    other = (
        await connection.execute(
            sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
            .where(
                pause_windows.c.start_at < window.end,
                pause_windows.c.end_at > window.start,
                pause_windows.c.withdrawn_at.is_(None),
            )
            .limit(1)
        )
    ).one_or_none()
    if other is not None:
        raise Refused(WindowOverlaps(start_at=other.start_at, end_at=other.end_at))


async def _move_clocks(
    connection: AsyncConnection,
    context: Context,
    name: str,
    before: Sequence[Span],
    *,
    since: datetime,
) -> None:
    """Move the clocks that run ``since`` an instant or longer, with an event for each."""
    after = await calendar.upcoming(connection, context.now)
    running = service_orders.c.clock_due_at > since
    async for rows in _locked(connection, running):
        for order in map(read, rows):
            clocks = order.clocks.reschedule(context.now, before, after)
            if clocks != order.clocks:
                target_at = moved_target(order, clocks, context.now, before, after)
                await _move_clock(connection, context, order, clocks, target_at, name)


async def _locked(
    connection: AsyncConnection, condition: sa.ColumnElement[bool]
) -> AsyncIterator[Sequence[sa.Row[Any]]]:  # Any: columns of all types
    """The orders that meet the condition, locked: all at once, or each merchant's on Citus.

    The lock of the table is held already, so that nothing changes between the two statements.
    """
    query = (
        orders()
        .where(condition)
        .order_by(service_orders.c.merchant_id, service_orders.c.id)
        .with_for_update(of=service_orders)
    )
    if not is_distributed(connection.dialect):
        yield (await connection.execute(query)).all()
        return
    merchant = service_orders.c.merchant_id
    found = await connection.execute(sa.select(merchant).where(condition).distinct())
    for merchant_id in sorted(found.scalars()):
        yield (await connection.execute(query.where(merchant == merchant_id))).all()


async def _move_clock(
    connection: AsyncConnection,
    context: Context,
    order: Order,
    moved: Clocks,
    target_at: datetime | None,
    name: str,
) -> None:
    details = {
        "window": name,
        "from": order.clocks.due_at and order.clocks.due_at.isoformat(),
        "to": moved.due_at and moved.due_at.isoformat(),
    }
    values = {**clock_columns(moved), "target_at": target_at}
    change = Change(values=values, details=with_target(details, target_at))
    wakes = needs_wake(moved.due_at, context.now)
    actor, kind = context.viewer.actor, EventKind.CLOCK_MOVED
    await append_event(connection, order, kind, actor, change, now=context.now, wakes=wakes)
