"""The desk's clocks: the time that the rules use, and how far a process can rely on it."""

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

SAME_TIME_S: Final = 0.01
"""Two clocks that are read within this time count as read at the same time."""


class ClockUnfit(Exception):
    """This process does not know the time well enough to write. Nothing was written."""

    retry_after: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Machine:
    """The clocks of this machine.

    ``wall`` can be set, and can be wrong. ``elapsed`` counts seconds and is never set. Where the
    system has such a clock, it also runs while the machine sleeps.
    """

    wall: Callable[[], datetime]
    elapsed: Callable[[], float]

    def read(self) -> tuple[datetime, float]:
        """Read both at the same time: again, if the process was stopped between the two."""
        while True:
            before, wall, after = self.elapsed(), self.wall(), self.elapsed()
            if after - before < SAME_TIME_S:
                return wall, after


MACHINE: Final = Machine(
    wall=partial(datetime.now, UTC),
    elapsed=partial(time.clock_gettime, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeState:
    """How far a process can rely on its time; `/readyz` shows it, and metrics can."""

    skew: timedelta | None = None
    """This machine's clock minus the database's."""

    error: timedelta | None = None
    """The most by which the desk's time may differ from the database's."""

    jump: timedelta | None = None
    """How far this machine's clock jumped ahead, while the new time is not confirmed."""

    unfit: str | None = None
    """Why this process refuses writes and takes no automatic step; None if it does neither."""

    @property
    def waits(self) -> str | None:
        """Why this process takes no automatic step; None if it does."""
        if self.unfit is None and self.jump is not None:
            return f"the machine's clock jumped ahead by {self.jump.total_seconds():.1f} s"
        return self.unfit

    def as_json(self) -> dict[str, float]:
        durations = {"Skew": self.skew, "Error": self.error, "Jump": self.jump}
        return {
            f"clock{name}Seconds": round(value.total_seconds(), 6)
            for name, value in durations.items()
            if value is not None
        }


class Clock(ABC):
    """Tells the time of the desk, which the rules call now."""

    @property
    def lead(self) -> timedelta | None:
        """How far it is ahead of the database's clock; None if it does not follow that clock."""
        return None

    @property
    def real(self) -> "Clock":
        """The clock of the real time, which a sandbox does not move."""
        return self

    @abstractmethod
    def now(self) -> datetime: ...

    def state(self) -> TimeState:
        """How far a process can rely on it at present."""
        return TimeState()

    async def measure(self, database: Database) -> None:  # noqa: B027 - not every clock follows the database
        """Compare it with the database's clock, if it follows that clock.

        Raises Overloaded or Unreachable.
        """

    def demand_fit(self) -> None:
        """Raises ClockUnfit."""
        unfit = self.state().unfit
        if unfit is not None:
            raise ClockUnfit(unfit)


class WallClock(Clock):
    """The time of this machine, unchecked: for tools and tests."""

    def now(self) -> datetime:
        return MACHINE.wall()


class SandboxClock(Clock):
    """Another clock's time plus an offset, which is kept in the database and can be advanced."""

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or WallClock()
        self.ahead = timedelta()

    @property
    def lead(self) -> timedelta | None:
        lead = self._base.lead
        return None if lead is None else lead + self.ahead

    @property
    def real(self) -> Clock:
        return self._base

    def now(self) -> datetime:
        return self._base.now() + self.ahead

    def state(self) -> TimeState:
        return self._base.state()

    async def measure(self, database: Database) -> None:
        await self._base.measure(database)

    async def follow(self, database: Database) -> None:
        """Read the offset, which another process may have changed."""
        async with database.read() as connection:
            await self.follow_in(connection)

    async def follow_in(self, connection: AsyncConnection) -> None:
        """The same, within a transaction."""
        offset = await connection.scalar(sa.select(sandbox_clocks.c.ahead_ms))
        self.ahead = timedelta(milliseconds=offset or 0)
