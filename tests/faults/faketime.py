"""Processes whose clock on the wall is wrong: libfaketime, as Debian has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.faults.processes import Service

LIBRARIES: Final = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
MISSING: Final = "libfaketime is not installed (Debian: apt-get install faketime)"


@dataclass(frozen=True, slots=True)
class WrongClock:
    """A wrong clock that can be set while the processes run that look at it."""

    file: Path

    def set(self, off: timedelta) -> None:
        """At once for every process, as by a step of NTP: the steady clocks go on."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{off.total_seconds():+.0f}")
        new.replace(self.file)

    def give_to(self, service: Service) -> None:
        """Let the service look at it from its next start."""
        service.environment |= self.environment

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a process looks at it."""
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds; to look at each call would take long
            "DONT_FAKE_MONOTONIC": "1",
        }


@contextmanager
def wall_clocks(folder: Path, *offs: timedelta) -> Iterator[list[WrongClock]]:
    """One for each of the offsets from the right time."""
    clocks = [WrongClock(folder / f"wall-{at}") for at in range(len(offs))]
    for clock, off in zip(clocks, offs, strict=True):
        clock.set(off)
    yield clocks
    for clock in clocks:
        clock.file.unlink()
