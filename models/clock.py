"""What time it is on the desk, and how far a process may rely on that."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.database import Database
from models.sandbox import sandbox_clocks

AT_ONCE_S: Final = 0.01
"""Two clocks that are read within so long are read at the same time."""


class ClockUnfit(Exception):
    """This process does not know the time well enough to write. Nothing was changed."""

    retry_after: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Machine:
    """The clocks of this machine.

    ``wall`` can be set, and be wrong. ``elapsed`` counts seconds, is never set, and runs on while
    the machine sleeps, where the system has such a clock.
    """

    wall: Callable[[], datetime]
    elapsed: Callable[[], float]

    def read(self) -> tuple[datetime, float]:
        """Both at the same time, also where the process is stopped between the two."""
        while True:
            before, wall, after = self.elapsed(), self.wall(), self.elapsed()
            if after - before < AT_ONCE_S:
                return wall, after


MACHINE: Final = Machine(
    wall=partial(datetime.now, UTC),
    elapsed=partial(time.clock_gettime, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeState:
    """How far a process may rely on its time; what `/readyz` shows, and metrics can."""

    skew: timedelta | None = None
    """This machine's clock minus the database's."""

    error: timedelta | None = None
    """How far the desk's time may be off the database's."""

    jump: timedelta | None = None
    """How far this machine's clock jumped ahead, not confirmed yet."""

    unfit: str | None = None
    """Why this process takes no writes, and no automatic step."""

    @property
    def waits(self) -> str | None:
        """Why it takes no automatic step."""
        if self.unfit is None and self.jump is not None:
            return f"the machine's clock jumped ahead by {self.jump.total_seconds():.1f} s"
        return self.unfit

    def as_json(self) -> dict[str, float]:
        found = {"Skew": self.skew, "Error": self.error, "Jump": self.jump}
        return {
            f"clock{name}Seconds": round(value.total_seconds(), 6)
            for name, value in found.items()
            if value is not None
        }


class Clock(ABC):
    """Tells the time of the desk: what the rules call now."""

    @property
    def lead(self) -> timedelta | None:
        """How far it is ahead of the database's clock; None if it does not follow that one."""
        return None

    @abstractmethod
    def now(self) -> datetime: ...

    def state(self) -> TimeState:
        """How far it can be relied on at present."""
        return TimeState()

    async def measure(self, database: Database) -> None:  # noqa: B027 - most have nothing to ask
        """Compare it with the database's clock, where it follows that one.

        Raises Overloaded or Unreachable.
        """

    def demand_fit(self) -> None:
        """Raises ClockUnfit."""
        unfit = self.state().unfit
        if unfit is not None:
            raise ClockUnfit(unfit)


class WallClock(Clock):
    """The time of this machine, taken as it is: for tools and tests."""

    def now(self) -> datetime:
        return MACHINE.wall()


class SandboxClock(Clock):
    """Another clock's time and however far somebody has moved it on; kept in the database."""

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or WallClock()
        self.ahead = timedelta()

    @property
    def lead(self) -> timedelta | None:
        lead = self._base.lead
        return None if lead is None else lead + self.ahead

    def now(self) -> datetime:
        return self._base.now() + self.ahead

    def state(self) -> TimeState:
        return self._base.state()

    async def measure(self, database: Database) -> None:
        await self._base.measure(database)

    async def follow(self, database: Database) -> None:
        """Take over what another process may have set."""
        async with database.read() as connection:
            await self.follow_in(connection)

    async def follow_in(self, connection: AsyncConnection) -> None:
        """The same, within a transaction."""
        found = await connection.execute(sa.select(sandbox_clocks.c.ahead_ms))
        self.ahead = timedelta(milliseconds=found.scalar_one_or_none() or 0)
