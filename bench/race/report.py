"""The race as Markdown: the tables of each work, and the table of targets."""

from collections.abc import Iterator
from typing import Final

from bench.race.peers import PEERS
from bench.race.results import Measure, Results
from bench.race.target_table import OURS
from bench.race.targets import reached
from bench.race.works import MIDDLE, WORKS, said_of

_HEAD = (
    "| peer | requests/s | p50 ms | p99 ms | µs server | µs PostgreSQL | µs in all"
    " | × floor | × ours | errors |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)
_PER_LOAD: Final[tuple[tuple[str, Measure, str], ...]] = (
    ("requests/s", lambda row: row.per_second, ",.0f"),
    ("p50 ms", lambda row: row.p50, ".1f"),
    ("p99 ms", lambda row: row.p99, ".1f"),
    ("µs in all", lambda row: row.us, ",.0f"),
)
"""The columns of each load in the table of several loads: title, measure, format."""


def report(results: Results) -> str:
    """The whole report."""
    parts = ["# The race", _ran_on(results)]
    parts += [_work(results, work) for work in results.works()]
    return "\n\n".join([*parts, _targets(results)]) + "\n"


def _ran_on(results: Results) -> str:
    lines = "\n".join(f"- {name}: {value}" for name, value in results.ran_on.items())
    return f"{lines}\n- answers compared before: {results.verified}, all equal"


def _work(results: Results, work: str) -> str:
    loads = results.loads(work)
    detailed = MIDDLE if MIDDLE in loads else loads[0]
    at = results.at(detailed)
    parts = [f"## {WORKS[work].title}", f"{said_of(detailed)}:"]
    parts.append("\n".join([_HEAD, *_lines(at, work)]))
    if others := [load for load in loads if load != detailed]:
        said = ", ".join(map(str, others))
        parts += [f"Connections: {said}", "\n".join(_at_loads(results, work, others, at))]
    return "\n\n".join(parts)


def _lines(results: Results, work: str) -> Iterator[str]:
    sqlite = "-sqlite" if WORKS[work].layout == "sqlite" else ""
    for peer in results.peers(work):
        medians = [
            results.median(peer, work, measure)
            for measure in (
                lambda row: row.per_second,
                lambda row: row.p50,
                lambda row: row.p99,
                lambda row: row.server_us,
                lambda row: row.database_us,
                lambda row: row.us,
            )
        ]
        ratios = [
            results.ratio(peer, f"{base}{sqlite}", work, lambda row: row.per_second)
            for base in ("floor", OURS)
        ]
        cells = [
            PEERS[peer].title,
            f"{medians[0]:,.0f}",
            f"{medians[1]:.1f}",
            f"{medians[2]:.1f}",
            *(f"{median:,.0f}" for median in medians[3:]),
            *("–" if ratio is None else f"{ratio:.2f}" for ratio in ratios),
            _errors(results, work, peer),
        ]
        yield f"| {' | '.join(cells)} |"


def _at_loads(results: Results, work: str, loads: list[int], ordered: Results) -> Iterator[str]:
    """The peers at several loads, in the order of ``ordered``."""
    titles = [f"{load}: {title}" for load in loads for title, _, _ in _PER_LOAD]
    yield f"| peer | {' | '.join(titles)} | errors |"
    yield f"|---|{'--:|' * (len(titles) + 1)}"
    runs = [results.at(load) for load in loads]
    for peer in ordered.peers(work):
        cells = [
            f"{at.median(peer, work, measure):{form}}" if at.of(peer, work) else "–"
            for at in runs
            for _, measure, form in _PER_LOAD
        ]
        errors = ", ".join(_errors(at, work, peer) for at in runs)
        yield f"| {' | '.join([PEERS[peer].title, *cells, errors])} |"


def _errors(results: Results, work: str, peer: str) -> str:
    return str(sum(row.errors for row in results.of(peer, work)))


def _targets(results: Results) -> str:
    lines = ["## Targets", "", "| what | wanted | reached | |", "|---|--:|--:|---|"]
    lines += [
        f"| {target.what} | {target.wanted} | {target.measured or '–'} |"
        f" {_verdict(target.measured, target.met)} |"
        for target in reached(results)
    ]
    return "\n".join(lines)


def _verdict(measured: str | None, met: bool) -> str:  # noqa: FBT001 - a cell of the table
    if measured is None:
        return "not raced"
    return "met" if met else "**not met**"
