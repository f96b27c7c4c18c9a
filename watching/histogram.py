"""A histogram of plain numbers, which costs a binary search for each value."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class Histogram:
    """How many values fall under each bound, and their sum."""

    bounds: Sequence[float]
    """The upper bounds of the buckets, ascending; each belongs to its bucket."""
    counts: list[int] = field(init=False)
    """By bucket, not cumulative; the last one is for values above all bounds."""
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value
