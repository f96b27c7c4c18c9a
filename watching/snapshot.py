"""The values of all metrics at one time, and the sum of those of several processes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from watching.histogram import Histogram
from watching.metrics import BY_NAME, Kind, Together

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Buckets:
    """The value of a histogram."""

    counts: tuple[int, ...]
    """By bucket, not cumulative."""
    total: float

    @classmethod
    def of(cls, histogram: Histogram) -> Buckets:
        return cls(tuple(histogram.counts), histogram.total)

    def __add__(self, other: Buckets) -> Buckets:
        counts = (a + b for a, b in zip(self.counts, other.counts, strict=True))
        return Buckets(tuple(counts), self.total + other.total)


Value = float | Buckets
Snapshot = Mapping[str, Mapping[Labels, Value]]
"""The values of each metric by the values of its labels."""

NOTHING: Final[Snapshot] = MappingProxyType({})


def add_up(snapshots: Iterable[Snapshot]) -> Snapshot:
    """The values of several processes as those of one."""
    whole: dict[str, dict[Labels, Value]] = {}
    for snapshot in snapshots:
        for name, values in snapshot.items():
            together = BY_NAME[name].together
            sums = whole.setdefault(name, {})
            for labels, value in values.items():
                sums[labels] = _both(sums[labels], value, together) if labels in sums else value
    return whole


def lasting(snapshot: Snapshot) -> Snapshot:
    """What remains of a process that has ended: its counts, which must never go back."""
    return {
        name: values for name, values in snapshot.items() if BY_NAME[name].kind is not Kind.GAUGE
    }


def _both(first: Value, second: Value, together: Together) -> Value:
    if isinstance(first, Buckets) and isinstance(second, Buckets):
        return first + second
    if isinstance(first, Buckets) or isinstance(second, Buckets):
        message = "a histogram and a number"
        raise TypeError(message)
    return first + second if together is Together.SUM else max(first, second, key=abs)


def encode(snapshot: Snapshot) -> bytes:
    """The snapshot as JSON."""
    return json.dumps(
        {
            name: [
                [labels, [value.counts, value.total] if isinstance(value, Buckets) else value]
                for labels, value in values.items()
            ]
            for name, values in snapshot.items()
        },
        separators=(",", ":"),
    ).encode()


def decode(data: bytes) -> Snapshot:
    """The snapshot from its JSON."""
    return {
        name: {
            tuple(labels): Buckets(tuple(value[0]), value[1]) if isinstance(value, list) else value
            for labels, value in values
        }
        for name, values in json.loads(data).items()
    }
