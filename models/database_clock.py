"""The clock of a desk on PostgreSQL: the database's time, as an offset that is measured repeatedly.

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
"""How many times a measurement asks the database; it takes the fastest answer."""

DRIFT: Final = 0.0001
"""The most by which a machine's steady clock is assumed to run faster or slower."""

GOOD_FOR: Final = timedelta(minutes=10)
"""How old a measurement may be: by then, drift may have made it wrong by 60 ms."""

NOTED_SKEW: Final = timedelta(seconds=1)
"""The skew from which the log says that the machine's clock is wrong."""

MAX_SKEW: Final = timedelta(seconds=30)
"""The skew from which the process writes nothing: the machine's clock dates tokens and the
addresses of pictures, and other processes would refuse those that this one issues."""

_log = logging.getLogger("aftersales.time")


@dataclass(frozen=True, slots=True)
class Measurement:
    """The database's time ``at`` the steady clock's ``elapsed``, up to ``error``."""

    at: datetime
    elapsed: float
    error: timedelta

    def then(self, elapsed: float) -> datetime:
        """The database's time at another time of the steady clock."""
        return self.at + timedelta(seconds=elapsed - self.elapsed)

    def error_then(self, elapsed: float) -> timedelta:
        """The most by which that time may be wrong."""
        return self.error + timedelta(seconds=DRIFT * max(elapsed - self.elapsed, 0))


class _Skew(IntEnum):
    NONE = 0
    NOTED = 1
    TOO_MUCH = 2


class DatabaseClock(Clock):
    """The database's time as last measured, plus what the machine's steady clock counted since.

    The machine's wall clock does not matter, however wrong it is and however it jumps.
    """

    def __init__(self, machine: Machine = MACHINE) -> None:
        self._machine = machine
        self._measured: Measurement | None = None
        self._logged = _Skew.NONE

    @property
    def lead(self) -> timedelta:
        return timedelta()

    def now(self) -> datetime:
        """Before the first measurement it is the machine's time; then nothing is written either."""
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
        best = min(samples, key=lambda sample: sample.error)
        old = self._measured
        if old is None or _is_better(best, old):
            self._measured = best
        self._log_skew()

    async def _sample(self, connection: AsyncConnection) -> Measurement:
        before = self._machine.elapsed()
        at = (await connection.execute(_ASK)).scalar_one()
        trip = self._machine.elapsed() - before
        return Measurement(at, before + trip / 2, timedelta(seconds=trip / 2))

    def _log_skew(self) -> None:
        """Log a skew that begins, grows past the limit, or ends."""
        skew = self.state().skew or timedelta()
        # The lower limit keeps a skew near NOTED_SKEW from being logged again and again.
        noted = NOTED_SKEW / 2 if self._logged else NOTED_SKEW
        level = _Skew(sum(abs(skew) > limit for limit in (noted, MAX_SKEW)))
        if level is not self._logged:
            _log.warning(_MESSAGES[level], skew.total_seconds())
        self._logged = level


_ASK: Final = sa.select(sa.func.clock_timestamp())
_MESSAGES: Final = {
    _Skew.NONE: "the machine's clock is right again: it differs from the database's by %+.3f s",
    _Skew.NOTED: "the machine's clock differs from the database's by %+.3f s",
    _Skew.TOO_MUCH: "the machine's clock differs from the database's by %+.3f s: nothing is "
    "written until it is right",
}


def _is_better(new: Measurement, old: Measurement) -> bool:
    """Whether the new measurement is more precise than the old one is by now, or contradicts it.

    A slow answer would make the time less precise. A contradiction means that the database's own
    clock was set, or that another server has taken its place.
    """
    by_now = old.error_then(new.elapsed)
    difference = abs(new.at - old.then(new.elapsed))
    return new.error <= by_now or difference > by_now + new.error
