"""Delays between retries that grow with each failure."""

import random
from datetime import timedelta
from typing import Final

RETRY: Final = timedelta(seconds=1)
"""The delay after the first failure. It doubles with each further one."""
LONGEST_RETRY: Final = timedelta(seconds=30)
_JITTER: Final = 0.2
"""The share of a delay that may be cut at random, so that processes do not retry all at once."""


class Backoff:
    """The delay before the next attempt."""

    def __init__(self, longest: timedelta = LONGEST_RETRY) -> None:
        self._longest = longest
        self._next = RETRY

    def next_delay(self) -> timedelta:
        """Return the delay after one more failure."""
        delay, self._next = self._next, min(2 * self._next, self._longest)
        return delay * (1 - _JITTER * random.random())  # noqa: S311 - no secret

    def reset(self) -> None:
        """Start again from the shortest delay, after a success."""
        self._next = RETRY
