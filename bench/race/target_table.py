"""The targets of the race, as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bench.race.works import MIDDLE

OURS: Final = "ours"
FASTEST: Final = "the fastest peer"
ANY: Final = "any peer"
ALONE: Final = 1
MANY: Final = 256

MeasureName = Literal["requests per second", "processor time", "p50", "p99"]


@dataclass(frozen=True, slots=True)
class Target:
    """The least ratio to a peer, by a ``measure`` of which more is better: costs are inverted.

    ``than`` is a peer's name, FASTEST or ANY; ``without`` are peers that ANY leaves out.
    """

    work: str
    measure: MeasureName
    than: str
    at_least: float
    ours: str = OURS
    connections: int = MIDDLE
    without: tuple[str, ...] = ()


_PINNED: Final = ("queue", "nested", "order", "review")
_WHOLE: Final = ("queue-whole", "nested-whole")


def _at_every_load() -> Iterator[Target]:
    """At 8, 32 and 256 connections: no peer is faster, but for what the two exceptions say."""
    for load in (8, MIDDLE, MANY):
        for work in ("queue", "nested"):
            yield Target(work, "requests per second", ANY, 1, connections=load)
        yield Target("order", "requests per second", ANY, 0.95, connections=load)
        yield Target("review", "requests per second", ANY, 1, connections=load, without=("go",))
        yield Target("review", "requests per second", "go", 0.8, connections=load)


TARGETS: Final = (
    Target("queue", "requests per second", FASTEST, 1.5),
    Target("queue", "requests per second", "postgraphile", 2),
    Target("queue", "requests per second", "documented", 35),
    Target("queue", "requests per second", "floor", 0.8),
    Target("nested", "requests per second", FASTEST, 1.2),
    Target("nested", "requests per second", "postgraphile", 1.5),
    Target("nested", "processor time", ANY, 1),
    Target("order", "requests per second", "postgraphile", 2),
    Target("order", "requests per second", "apollo", 1.5),
    Target("order", "requests per second", "yoga", 1.5),
    Target("order", "requests per second", "floor", 0.85),
    Target("order", "requests per second", "mercurius", 0.65),
    Target("review", "requests per second", "yoga", 1),
    Target("review", "requests per second", "postgraphile", 1),
    Target("review", "requests per second", "tuned", 1.3),
    *(Target(work, "requests per second", FASTEST, 1.2) for work in _WHOLE),
    *(Target(work, "p99", FASTEST, 1) for work in (*_PINNED, *_WHOLE)),
    *_at_every_load(),
    Target("queue", "p50", ANY, 1, connections=ALONE),
    Target("nested", "p50", ANY, 1, connections=ALONE),
    Target("order", "p50", ANY, 1 / 1.2, connections=ALONE),
    Target("review", "p50", "go", 1 / 1.5, connections=ALONE),
    Target("review", "p50", "yoga", 1, connections=ALONE),
    Target("review", "p50", "mercurius", 1, connections=ALONE),
    Target("review", "processor time", "floor", 1 / 1.5, connections=ALONE),
    Target("queue-sqlite", "requests per second", "floor-sqlite", 0.85, "ours-sqlite"),
    Target("queue-sqlite", "requests per second", "documented-sqlite", 15, "ours-sqlite"),
)
MIN_KEPT: Final = 0.9
"""The least throughput at MANY connections, as a multiple of that at MIDDLE."""
MAX_TAIL: Final = 4
"""The greatest 99th percentile at MANY connections, as a multiple of the median."""
MAX_MEMORY_MB: Final = 150
MAX_GROWTH: Final = 1.1
"""The greatest growth of memory from the end of the first round to the end of the last."""
MAX_SQLITE_TAIL: Final = 5
"""The greatest 99th percentile on SQLite, as a multiple of the median."""
