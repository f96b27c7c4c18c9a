"""What the values of headers say; clients send the same ones each time, so each is read once."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

T = TypeVar("T")

MAX_REMEMBERED: Final = 256
"""Values of each header, and characters of a value: what clients really send is fewer and shorter,
and an attacker shall not fill the memory."""


def remembered(read: Callable[[str], T]) -> Callable[[str], T]:
    """Let a function that reads a header's value read each value once. What it raises is raised."""
    known = lru_cache(maxsize=MAX_REMEMBERED)(read)

    def recall(value: str) -> T:
        return known(value) if len(value) <= MAX_REMEMBERED else read(value)

    return recall


def quality_of(parameters: list[str]) -> float:
    """The weight that a header gives to one of its choices: 1 if none, 0 if it cannot be read."""
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
