"""The endpoints that answer slowly, as far as this process has seen.

They accept messages, so that nothing else tells them from the quick ones. But a merchant with ten
of them could keep all requests of a process waiting.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from models.queries.deliveries import EndpointKey

SLOW: Final = timedelta(seconds=2)
"""An answer that takes longer is slow."""

REMEMBERED: Final = timedelta(minutes=5)
"""How long an endpoint counts as slow after its last slow answer."""


@dataclass(slots=True)
class SlowEndpoints:
    """The endpoints whose last slow answer is not long ago."""

    elapsed: Callable[[], float] = time.monotonic
    _until: dict[EndpointKey, float] = field(default_factory=dict)

    def note(self, key: EndpointKey, duration: timedelta) -> bool:
        """Remember an answer. Whether it was slow."""
        is_slow = duration > SLOW
        if is_slow:
            self._until[key] = self.elapsed() + REMEMBERED.total_seconds()
        return is_slow

    def current(self) -> frozenset[EndpointKey]:
        """The slow ones; forgets the others."""
        now = self.elapsed()
        self._until = {key: until for key, until in self._until.items() if until > now}
        return frozenset(self._until)
