"""The clock of a desk on PostgreSQL: the database's, as an offset that is measured again and again.

See docs/decisions/0031-the-database-tells-the-time.md.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.database import Database
from models.clock import MACHINE, Clock, Machine, TimeState

SAMPLES: Final = 3
"""How often the database is asked for one measurement; the fastest answer counts."""

DRIFT: Final = 0.0001
"""How much faster or slower than the database's the steady clock of a machine may run."""

GOOD_FOR: Final = timedelta(minutes=10)
"""How old a measurement may be: after this time drift may have made it wrong by 60 ms."""

NOTED_SKEW: Final = timedelta(seconds=1)
"""Above this the log says that the machine's clock is wrong."""

MAX_SKEW: Final = timedelta(seconds=30)
"""Above this the process writes nothing: tokens and the addresses of pictures are dated by the
machine's clock, so that other processes would refuse what this one issues."""

_log = logging.getLogger("aftersales.time")


@dataclass(frozen=True, slots=True)
class Measurement:
    """The database said ``at`` when this machine's steady clock said ``elapsed``, give or take."""

    at: datetime
    elapsed: float
    error: timedelta

    def then(self, elapsed: float) -> datetime:
        """What the database's clock says when the steady clock says so."""
        return self.at + timedelta(seconds=elapsed - self.elapsed)

    def error_then(self, elapsed: float) -> timedelta:
        """How far that may be off."""
        return self.error + timedelta(seconds=DRIFT * max(elapsed - self.elapsed, 0))


class _Skew(IntEnum):
    NONE = 0
    NOTED = 1
    TOO_MUCH = 2


class DatabaseClock(Clock):
    """The database's time, as it was measured last and as the machine's steady clock goes on.

    The machine's own time is not used, however wrong it is and however it jumps.
    """

    def __init__(self, machine: Machine = MACHINE) -> None:
        self._machine = machine
        self._measured: Measurement | None = None
        self._told = _Skew.NONE

    @property
    def lead(self) -> timedelta:
        return timedelta()

    def now(self) -> datetime:
        """The machine's time as long as nothing was measured: then nothing is written either."""
        if self._measured is None:
            return self._machine.wall()
        return self._measured.then(self._machine.elapsed())

    def state(self) -> TimeState:
        measured = self._measured
        if measured is None:
            return TimeState(unfit="the database's time is not known yet")
        wall, elapsed = self._machine.read()
        skew, unfit = wall - measured.then(elapsed), None
        if abs(skew) > MAX_SKEW:
            seconds = skew.total_seconds()
            unfit = f"the machine's clock differs from the database's by {seconds:+.1f} s"
        elif elapsed - measured.elapsed > GOOD_FOR.total_seconds():
            unfit = "the database's time was not asked for too long"
        return TimeState(skew=skew, error=measured.error_then(elapsed), unfit=unfit)

    async def measure(self, database: Database) -> None:
        async with database.read(vital=True) as connection:
            samples = [await self._sample(connection) for _ in range(SAMPLES)]
        best = min(samples, key=lambda one: one.error)
        old = self._measured
        if old is None or _is_better(best, old):
            self._measured = best
        self._tell()

    async def _sample(self, connection: AsyncConnection) -> Measurement:
        before = self._machine.elapsed()
        at = (await connection.execute(_ASK)).scalar_one()
        trip = self._machine.elapsed() - before
        return Measurement(at, before + trip / 2, timedelta(seconds=trip / 2))

    def _tell(self) -> None:
        """Log a skew when it comes, grows past the limit, or goes."""
        skew = self.state().skew or timedelta()
        # A skew that wavers about the limit is not told each time.
        noted = NOTED_SKEW / 2 if self._told else NOTED_SKEW
        found = _Skew(sum(abs(skew) > limit for limit in (noted, MAX_SKEW)))
        if found is not self._told:
            _log.warning(_SAID[found], skew.total_seconds())
        self._told = found


_ASK: Final = sa.select(sa.func.clock_timestamp())
_SAID: Final = {
    _Skew.NONE: "the machine's clock is right again: it differs from the database's by %+.3f s",
    _Skew.NOTED: "the machine's clock differs from the database's by %+.3f s",
    _Skew.TOO_MUCH: "the machine's clock differs from the database's by %+.3f s: nothing is "
    "written until it is right",
}


def _is_better(new: Measurement, old: Measurement) -> bool:
    """Whether it is more precise than the old one is by now, or contradicts it.

    A slow answer would make the time worse. A contradiction means that the database's own clock
    was set, or that another server has taken its place.
    """
    by_now = old.error_then(new.elapsed)
    off = abs(new.at - old.then(new.elapsed))
    return new.error <= by_now or off > by_now + new.error
