"""What time it is: on the wall, and on the desk, which differ on a sandbox alone."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from models.database import Database
from models.sandbox import sandbox_clocks


class Clock(Protocol):
    """Tells the time of the desk: what the rules call now."""

    def now(self) -> datetime: ...


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SandboxClock:
    """The real time and however far somebody has moved it on; kept in the database."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def follow(self, database: Database) -> None:
        """Take over what another process may have set."""
        async with database.read() as connection:
            ahead_ms = (
                await connection.execute(sa.select(sandbox_clocks.c.ahead_ms))
            ).scalar_one_or_none()
        self.ahead = timedelta(milliseconds=ahead_ms or 0)
