"""Reading of header values. Clients repeat the same values, so results are cached."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

T = TypeVar("T")

MAX_CACHED: Final = 256
"""How many values of each header are cached, and the longest value, in characters. Real clients
send fewer and shorter ones; the limits keep an attacker from filling the memory."""


def cached_by_value(read: Callable[[str], T]) -> Callable[[str], T]:
    """Cache the results of a function that reads a header value. Exceptions are not cached."""
    read_cached = lru_cache(maxsize=MAX_CACHED)(read)

    def read_value(value: str) -> T:
        return read_cached(value) if len(value) <= MAX_CACHED else read(value)

    return read_value


def quality_of(parameters: list[str]) -> float:
    """The weight `q` among the parameters of a choice: 1 if absent, 0 if malformed."""
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
