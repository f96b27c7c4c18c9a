"""The targets of the race, and whether each was reached."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.race.peers import PEERS
from bench.race.results import Measure, Results

OURS: Final = "ours"
FASTEST: Final = "the fastest peer"
ANY: Final = "any peer"


def per_second(results: Results, work: str, ours: str, peer: str) -> float | None:
    """This server's requests per second, relative to the peer's."""
    return results.ratio(ours, peer, work, lambda row: row.per_second)


def processor(results: Results, work: str, ours: str, peer: str) -> float | None:
    """The peer's processor time, server and PostgreSQL, relative to this server's."""
    return results.ratio(peer, ours, work, lambda row: row.us)


def p99(results: Results, work: str, ours: str, peer: str) -> float | None:
    """The peer's 99th percentile, relative to this server's."""
    return results.ratio(peer, ours, work, lambda row: row.p99)


@dataclass(frozen=True, slots=True)
class Target:
    """The least ratio to a peer, by a ``measure`` of which more is better."""

    work: str
    measure: str
    than: str
    at_least: float
    ours: str = OURS


@dataclass(frozen=True, slots=True)
class Reached:
    """A target and its measurement, which is None if the race did not include it."""

    what: str
    wanted: str
    measured: str | None
    met: bool


_MEASURES: Final = {
    "requests per second": per_second,
    "processor time": processor,
    "p99": p99,
}
_PINNED: Final = ("queue", "nested", "order", "review")
_WHOLE: Final = ("queue-whole", "nested-whole")

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
    Target("queue-sqlite", "requests per second", "floor-sqlite", 0.8, "ours-sqlite"),
    Target("queue-sqlite", "requests per second", "documented-sqlite", 15, "ours-sqlite"),
)
MAX_MEMORY_MB: Final = 150
MAX_GROWTH: Final = 1.1
"""The greatest growth of memory from the end of the first round to the end of the last."""
MAX_TAIL: Final = 5
"""The greatest 99th percentile on SQLite, as a multiple of the median."""


def reached(results: Results) -> Iterator[Reached]:
    """Every target whose work was part of the race."""
    for target in TARGETS:
        if target.work in results.works():
            yield _against(target, results)
    yield from _memory(results)
    yield from _tail(results)


def _against(target: Target, results: Results) -> Reached:
    work, ours = target.work, target.ours
    rivals = [peer for peer in results.peers(work) if peer != ours and not PEERS[peer].is_floor]
    than = PEERS[target.than].title if target.than in PEERS else target.than
    if target.than == FASTEST:
        chosen = rivals[:1]
        than = f"{than} ({PEERS[chosen[0]].title})" if chosen else than
    elif target.than == ANY:
        chosen = rivals
    else:
        chosen = [target.than]
    measure = _MEASURES[target.measure]
    ratios = [ratio for peer in chosen if (ratio := measure(results, work, ours, peer)) is not None]
    least = min(ratios, default=None)
    return Reached(
        what=f"{work}: {target.measure}, against {than}",
        wanted=f"≥ {target.at_least:g} ×",
        measured=None if least is None else f"{least:.2f} ×",
        met=least is not None and least >= target.at_least,
    )


def _memory(results: Results) -> Iterator[Reached]:
    rows = [row for row in results.rows if row.peer == OURS and not row.work.endswith("-whole")]
    if not rows:
        return
    last = max(row.round for row in rows)
    first = [row.memory_mb for row in rows if row.round == 0][-1]
    end = [row.memory_mb for row in rows if row.round == last][-1]
    yield Reached(
        what="memory of the server after the run",
        wanted=f"< {MAX_MEMORY_MB} MB",
        measured=f"{end:.0f} MB",
        met=end < MAX_MEMORY_MB,
    )
    yield Reached(
        what="memory from the end of the first round to the end of the last",
        wanted=f"≤ {MAX_GROWTH:g} ×",
        measured=f"{end / first:.2f} ×" if last else None,
        met=last > 0 and end / first <= MAX_GROWTH,
    )


def _tail(results: Results) -> Iterator[Reached]:
    work, ours = "queue-sqlite", "ours-sqlite"
    tail: Measure = lambda row: row.p99 / row.p50  # noqa: E731 - a measure, as the others
    if results.of(ours, work):
        multiple = results.median(ours, work, tail)
        yield Reached(
            what=f"{work}: p99 in p50",
            wanted=f"< {MAX_TAIL} ×",
            measured=f"{multiple:.2f} ×",
            met=multiple < MAX_TAIL,
        )
