"""A machine whose clock a test can set wrong."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from models.clock import Machine


@dataclass
class WrongMachine:
    """The real clocks, each moved by an amount."""

    skew: timedelta = field(default_factory=timedelta)
    waited: timedelta = field(default_factory=timedelta)

    @property
    def clocks(self) -> Machine:
        return Machine(
            wall=lambda: datetime.now(UTC) + self.skew + self.waited,
            elapsed=lambda: time.monotonic() + self.waited.total_seconds(),
        )

    def wait(self, time: timedelta) -> None:
        """Let time pass on both clocks."""
        self.waited += time

    def jump(self, by: timedelta) -> None:
        """Set the wall clock forward or back."""
        self.skew += by
