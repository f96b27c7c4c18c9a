"""Finding the pause windows that clocks have to heed."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import Span
from models.pause_window import pause_windows


async def upcoming(connection: AsyncConnection, now: datetime) -> Sequence[Span]:
    """The windows that have not ended, in order. They never overlap."""
    found = await connection.execute(
        sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
        .where(pause_windows.c.end_at > now)
        .order_by(pause_windows.c.start_at)
    )
    return [Span(start, end) for start, end in found]
