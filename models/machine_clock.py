"""The clock of a desk on SQLite: the machine's time, which can jump.

See docs/decisions/0031-the-database-tells-the-time.md.
"""

import json
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from database.database import Database
from models.clock import MACHINE, Clock, Machine, TimeState

JUMP: Final = timedelta(seconds=5)
"""A larger difference to the steady clock, from one reading to the next, is a jump."""

SLEW: Final = 0.0005
"""The most by which a time service slows down or speeds up a clock, to set it without a jump."""

CONFIRMED_AFTER: Final = timedelta(minutes=10)
"""A time that lasts this long after a jump is accepted."""

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
"""Identifies the boot of a Linux system: the steady clock begins anew with each."""

_log = logging.getLogger("aftersales.time")


class MachineClock(Clock):
    """The machine's time, compared with its steady clock.

    After a jump ahead, automatic steps wait until the new time is confirmed. ``kept_in`` names a
    file with the last reading, so that a jump is also noticed if the process restarts during it.
    """

    def __init__(self, machine: Machine = MACHINE, *, kept_in: Path | None = None) -> None:
        self._machine = machine
        self._kept_in = kept_in
        self._wall, self._elapsed = (kept_in and _load(kept_in)) or machine.read()
        self._jump, self._jumped_at = timedelta(), 0.0

    def now(self) -> datetime:
        wall, elapsed = self._machine.read()
        passed = elapsed - self._elapsed
        step = wall - self._wall - timedelta(seconds=passed)
        self._wall, self._elapsed = wall, elapsed
        if abs(step) > JUMP + timedelta(seconds=SLEW * abs(passed)):
            self._notice(step)
        elif self._jump and elapsed - self._jumped_at >= CONFIRMED_AFTER.total_seconds():
            _log.warning("the machine's time has stood since it jumped, and is taken as it is")
            self._jump = timedelta()
        return wall

    def state(self) -> TimeState:
        self.now()
        return TimeState(jump=self._jump if self._jump > JUMP else None)

    async def measure(self, database: Database) -> None:  # noqa: ARG002 - the database has no clock
        self.now()
        if self._kept_in is not None and not self._jump:
            _save(self._kept_in, self._wall, self._elapsed)

    def _notice(self, step: timedelta) -> None:
        _log.warning("the machine's clock jumped by %+.1f s", step.total_seconds())
        self._jump += step  # a jump back may correct a jump ahead
        self._jumped_at = self._elapsed
        if abs(self._jump) <= JUMP:
            _log.warning("the machine's clock is where it was before it jumped")
            self._jump = timedelta()


def _boot() -> str | None:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return None


def _load(file: Path) -> tuple[datetime, float] | None:
    """The reading that a process saved; None if there is none from this boot."""
    try:
        reading = json.loads(file.read_text())
        if reading["boot"] is None or reading["boot"] != _boot():
            return None
        return datetime.fromisoformat(reading["wall"]), float(reading["elapsed"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("cannot read %s: %s", file.name, type(error).__name__)
        return None


def _save(file: Path, wall: datetime, elapsed: float) -> None:
    boot = _boot()
    if boot is None:
        return
    reading = json.dumps({"boot": boot, "wall": wall.isoformat(), "elapsed": elapsed})
    new = file.with_name(f"{file.name}-{os.getpid()}")
    try:
        new.touch(mode=0o600)
        new.write_text(reading)
        new.replace(file)  # atomic, as several processes may write it
    except OSError as error:
        _log.warning("cannot write %s: %s", file.name, error.strerror)
