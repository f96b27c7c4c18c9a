"""A machine whose clock is wrong: a test says how."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from models.clock import Machine


@dataclass
class WrongMachine:
    """The real clocks, and how far each has been moved."""

    skew: timedelta = field(default_factory=timedelta)
    waited: timedelta = field(default_factory=timedelta)

    @property
    def clocks(self) -> Machine:
        return Machine(
            wall=lambda: datetime.now(UTC) + self.skew + self.waited,
            elapsed=lambda: time.monotonic() + self.waited.total_seconds(),
        )

    def wait(self, time: timedelta) -> None:
        """Time passes, on both clocks."""
        self.waited += time

    def jump(self, by: timedelta) -> None:
        """Somebody sets the clock on the wall."""
        self.skew += by
