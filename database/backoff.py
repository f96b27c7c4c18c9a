"""Waiting longer after each failure."""

import random
from datetime import timedelta
from typing import Final

RETRY: Final = timedelta(seconds=1)
"""After the first failure. It doubles with each that follows."""
LONGEST_RETRY: Final = timedelta(seconds=30)
_SPREAD: Final = 0.2
"""How much a wait may be shortened by chance, so that processes do not return all at once."""


class Backoff:
    """How long to wait until the next attempt."""

    def __init__(self, longest: timedelta = LONGEST_RETRY) -> None:
        self._longest = longest
        self._next = RETRY

    def failed(self) -> timedelta:
        """How long to wait after one more failure."""
        pause, self._next = self._next, min(2 * self._next, self._longest)
        return pause * (1 - _SPREAD * random.random())  # noqa: S311 - no secret

    def succeeded(self) -> None:
        """The next failure is a first one again."""
        self._next = RETRY
