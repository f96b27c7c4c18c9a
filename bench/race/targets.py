"""What the race is to reach, and whether it did."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.race.peers import PEERS
from bench.race.results import Measure, Results, Row
from bench.race.target_table import (
    ANY,
    FASTEST,
    MANY,
    MAX_GROWTH,
    MAX_MEMORY_MB,
    MAX_SQLITE_TAIL,
    MAX_TAIL,
    MIN_KEPT,
    OURS,
    TARGETS,
    Target,
)
from bench.race.works import MIDDLE, WORKS, said_of


@dataclass(frozen=True, slots=True)
class Reached:
    """A target and its measurement, which is None if the race did not include it."""

    what: str
    wanted: str
    measured: str | None
    met: bool


def reached(results: Results) -> Iterator[Reached]:
    """Every target whose work was part of the race, at its load."""
    for target in TARGETS:
        if target.connections in results.loads(target.work):
            yield _against(target, results.at(target.connections))
    yield from _at_many(results)
    yield from _memory(results)
    yield from _tail(results.at(MIDDLE))


def _against(target: Target, results: Results) -> Reached:
    ratios = [
        ratio
        for peer in _rivals(target, results)
        if (ratio := _ratio(target, results, peer)) is not None
    ]
    least = min(ratios, default=None)
    than = PEERS[target.than].title if target.than in PEERS else target.than
    if target.than == FASTEST and (rivals := _rivals(target, results)):
        than = f"{than} ({PEERS[rivals[0]].title})"
    if target.without:
        than = f"{than} but {', '.join(PEERS[peer].title for peer in target.without)}"
    at = "" if target.connections == MIDDLE else f" at {said_of(target.connections)}"
    return Reached(
        what=f"{target.work}{at}: {target.measure}, against {than}",
        wanted=f"≥ {target.at_least:.3g} ×",
        measured=None if least is None else f"{least:.2f} ×",
        met=least is not None and least >= target.at_least,
    )


def _rivals(target: Target, results: Results) -> list[str]:
    """The peers that a target compares with; a floor only if the target names it."""
    if target.than not in (FASTEST, ANY):
        return [target.than]
    rivals = [
        peer
        for peer in results.peers(target.work)
        if peer != target.ours and not PEERS[peer].is_floor and peer not in target.without
    ]
    return rivals[:1] if target.than == FASTEST else rivals


def _ratio(target: Target, results: Results, peer: str) -> float | None:
    """This server's throughput relative to the peer's, or the peer's cost relative to its own."""
    work, ours = target.work, target.ours
    if target.measure == "requests per second":
        return results.ratio(ours, peer, work, lambda row: row.per_second)
    costs: dict[str, Measure] = {
        "processor time": lambda row: row.us,
        "p50": lambda row: row.p50,
        "p99": lambda row: row.p99,
    }
    return results.ratio(peer, ours, work, costs[target.measure])


def _at_many(results: Results) -> Iterator[Reached]:
    """That nothing is lost at many connections, beside this server's own runs at fewer."""
    many = results.at(MANY)
    for work in results.works():
        runs = many.of(OURS, work)
        if not runs or WORKS[work].layout != "pinned":
            continue
        middle = {row.round: row for row in results.at(MIDDLE).of(OURS, work)}
        shares = [
            row.per_second / middle[row.round].per_second for row in runs if row.round in middle
        ]
        yield Reached(
            what=f"{work} at {said_of(MANY)}: requests per second, against those at {MIDDLE}",
            wanted=f"≥ {MIN_KEPT:g} ×",
            measured=f"{median(shares):.2f} ×" if shares else None,
            met=bool(shares) and median(shares) >= MIN_KEPT,
        )
        tail = many.median(OURS, work, _tail_of)
        yield Reached(
            what=f"{work} at {said_of(MANY)}: p99 in p50",
            wanted=f"≤ {MAX_TAIL} ×",
            measured=f"{tail:.2f} ×",
            met=tail <= MAX_TAIL,
        )
        errors = sum(row.errors for row in runs)
        yield Reached(
            what=f"{work} at {said_of(MANY)}: refused",
            wanted="0",
            measured=f"{errors:,}",
            met=errors == 0,
        )


def _memory(results: Results) -> Iterator[Reached]:
    rows = [row for row in results.rows if row.peer == OURS and WORKS[row.work].layout == "pinned"]
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
    if results.of(ours, work):
        multiple = results.median(ours, work, _tail_of)
        yield Reached(
            what=f"{work}: p99 in p50",
            wanted=f"< {MAX_SQLITE_TAIL} ×",
            measured=f"{multiple:.2f} ×",
            met=multiple < MAX_SQLITE_TAIL,
        )


def _tail_of(row: Row) -> float:
    return row.p99 / row.p50
