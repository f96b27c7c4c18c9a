"""Declaring a pause window: every clock that overlaps with it moves by the overlap."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import Actor
from domain.clocks import Clocks, Span
from domain.events import EventKind
from domain.refusals.platform import WindowOverlaps
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from models.ids import new_id
from models.journal.change import Change
from models.journal.record import append_event
from models.journal.step_values import clock_columns
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
    if not context.now <= start_at < end_at:
        message = Text("时段须在将来且不为空", "The window must lie ahead and must not be empty.")
        raise BadInput(("startAt",), message)
    if end_at > context.now + MAX_AHEAD:
        message = Text("时段须在十年内结束", "The window must end within ten years.")
        raise BadInput(("endAt",), message)
    window = Span(start_at, end_at)
    async with context.write() as connection:
        await calendar.lock_all(connection)
        await _check_overlap(connection, window)
        id_ = new_id()
        pause = PauseWindow(
            id=id_,
            name=name,
            start_at=start_at,
            end_at=end_at,
            declared_by=context.viewer.name,
            declared_at=context.now,
        )
        await add(connection, pause)
        windows = await calendar.upcoming(connection, context.now)
        rows = await connection.execute(
            orders()
            .where(service_orders.c.clock_due_at > start_at)
            .order_by(service_orders.c.merchant_id, service_orders.c.id)
            .with_for_update(of=service_orders)
        )
        for order in map(read, rows.all()):
            clocks = order.clocks.move(window, windows)
            await _move_clocks(connection, order, clocks, context.viewer.actor, context.now, name)
    return id_


async def _check_overlap(connection: AsyncConnection, window: Span) -> None:
    other = (
        await connection.execute(
            sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
            .where(pause_windows.c.start_at < window.end, pause_windows.c.end_at > window.start)
            .limit(1)
        )
    ).one_or_none()
    if other is not None:
        raise Refused(WindowOverlaps(start_at=other.start_at, end_at=other.end_at))


async def _move_clocks(
    connection: AsyncConnection,
    order: Order,
    moved: Clocks,
    actor: Actor,
    now: datetime,
    name: str,
) -> None:
    details = {
        "window": name,
        "from": order.clocks.due_at and order.clocks.due_at.isoformat(),
        "to": moved.due_at and moved.due_at.isoformat(),
    }
    change = Change(values=clock_columns(moved), details=details)
    wakes = needs_wake(moved.due_at, now)
    await append_event(
        connection, order, EventKind.CLOCK_MOVED, actor, change, now=now, wakes=wakes
    )
