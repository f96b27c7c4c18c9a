"""Finding the pause windows that clocks have to heed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from domain.clocks import Span
from models.hold import hold, share, sharing
from models.pause_window import pause_windows
from models.prepared import Prepared, Session
from models.rows import DriverRows

_CALENDAR: Final = "calendar"
HEEDING: Final = sharing(_CALENDAR)
"""What a transaction begins with that will set a clock: no pause is declared until it ends."""


_UPCOMING = Prepared(
    sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
    .where(pause_windows.c.end_at > sa.bindparam("now"))
    .order_by(pause_windows.c.start_at)
)


async def upcoming(session: Session, now: datetime) -> Sequence[Span]:
    """The windows that have not ended, in order. They never overlap."""
    return [Span(start, end) for start, end in await _UPCOMING.all(session, now=now)]


async def heeded(session: Session, now: datetime) -> Sequence[Span]:
    """The same for a clock that is about to be set: no pause is declared until that is written."""
    if not (isinstance(session, DriverRows) and session.first == HEEDING):
        await share(session, _CALENDAR)
    return await upcoming(session, now)


async def hold_still(session: Session) -> None:
    """Wait for the clocks that are being set, and keep others from being set meanwhile."""
    await hold(session, _CALENDAR)
