"""A string of bytes to choose by: one draw for a whole operation, where hypothesis takes hundreds.

At the end of the tape every choice is the first one, so that a short tape, and one of zeros, is a
small document: that is what hypothesis shrinks a counterexample to.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Tape:
    """Choices, read off one after the other."""

    def __init__(self, choices: bytes) -> None:
        self._choices = iter(choices)

    def below(self, limit: int) -> int:
        """A number from 0 on."""
        chosen = next(self._choices, 0)
        if limit > 256:
            chosen = chosen * 256 + next(self._choices, 0)
        return chosen % limit

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def happens(self, percent: int) -> bool:
        """Not at the end of the tape."""
        return self.below(256) >= 256 - 256 * percent // 100
