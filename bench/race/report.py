"""The race as Markdown: a table for each work, and the table of targets."""

from collections.abc import Iterator

from bench.race.peers import PEERS
from bench.race.results import Results
from bench.race.targets import OURS, reached
from bench.race.works import WORKS

_HEAD = (
    "| peer | requests/s | p50 ms | p99 ms | µs server | µs PostgreSQL | µs in all"
    " | × floor | × ours | errors |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def report(results: Results) -> str:
    """The whole report."""
    parts = ["# The race", _ran_on(results)]
    parts += [_work(results, work) for work in results.works()]
    return "\n\n".join([*parts, _targets(results)]) + "\n"


def _ran_on(results: Results) -> str:
    lines = "\n".join(f"- {name}: {value}" for name, value in results.ran_on.items())
    return f"{lines}\n- answers compared before: {results.verified}, all equal"


def _work(results: Results, work: str) -> str:
    return "\n".join([f"## {WORKS[work].title}", "", _HEAD, *_lines(results, work)])


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
            str(sum(row.errors for row in results.of(peer, work))),
        ]
        yield f"| {' | '.join(cells)} |"


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
