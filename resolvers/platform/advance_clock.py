"""Advancing the clock of a sandbox, so that 48 hours can pass in a moment."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from domain.refusals.platform import SandboxOff
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from models.clock import SandboxClock
from models.sandbox import SandboxClock as SandboxClockRow
from models.sandbox import sandbox_clocks
from models.tables import add
from models.wake import wake
from resolvers.context import Context

MAX_STEP: Final = timedelta(days=31)


async def advance_clock(context: Context, by: timedelta) -> datetime:
    """Return the new time of the desk. Raises Refused on a server that runs on real time."""
    clock = context.services.clock
    if not isinstance(clock, SandboxClock):
        raise Refused(SandboxOff())
    if not timedelta() < by <= MAX_STEP:
        message = Text("只能向前拨动, 每次最多 31 天", "Time moves forward, 31 days at most.")
        raise BadInput(("seconds",), message)
    async with context.write() as connection:
        rows = await connection.execute(sa.select(sandbox_clocks.c.ahead_ms))
        ahead = timedelta(milliseconds=rows.scalar_one_or_none() or 0) + by
        await connection.execute(sa.delete(sandbox_clocks))
        await add(connection, SandboxClockRow(id=1, ahead_ms=ahead // timedelta(milliseconds=1)))
        await wake(connection)
    clock.ahead = ahead
    context.request = context.request._replace(now=clock.now())
    return context.now
