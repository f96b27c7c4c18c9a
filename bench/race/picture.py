"""Draws the results of the race as SVG: a row of panels for each work, one for each load."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from bench.race.peers import PEERS
from bench.race.results import Results
from bench.race.works import MIDDLE, WORKS, said_of

WIDTH: Final = 880
_NAMES: Final = 230
_NUMBER: Final = 70
"""The room for the number behind the longest bar."""
_BAR: Final = 14
_STEP: Final = 19
_HEAD: Final = 54
_GAP: Final = 18
_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .load { fill: #57606a }
  .number { font-variant-numeric: tabular-nums; font-size: 12px; fill: #57606a }
  .ours { fill: #1a7f37 } .floor { fill: #8c959f } .peer { fill: #54aeff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .number, .load { fill: #9198a1 }
  }
"""


def picture(results: Results) -> str:
    """The median requests per second; each panel has its own scale."""
    panels: list[str] = []
    top = 0
    for work in results.works():
        peers = _peers(results, work)
        panels.extend(_row(results, work, peers, top))
        top += _HEAD + _STEP * len(peers) + _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img"'
        ' aria-label="Requests per second of each peer in each work at each load">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *panels, "</svg>"]) + "\n"


def _peers(results: Results, work: str) -> list[str]:
    """The peers in the order of the middle load, which all panels of a work share."""
    loads = results.loads(work)
    return results.at(MIDDLE if MIDDLE in loads else loads[0]).peers(work)


def _row(results: Results, work: str, peers: Sequence[str], top: int) -> Iterator[str]:
    yield f'<text class="title" x="0" y="{top + 18}">{escape(WORKS[work].title)}</text>'
    for line, peer in enumerate(peers):
        y = top + _HEAD + line * _STEP + 11
        name = escape(PEERS[peer].title.replace("*", ""))
        yield f'<text x="{_NAMES - 10}" y="{y}" text-anchor="end">{name}</text>'
    loads = results.loads(work)
    width = (WIDTH - _NAMES) / len(loads)
    for column, load in enumerate(loads):
        left = _NAMES + column * width
        yield f'<text class="load" x="{left:.1f}" y="{top + 42}">{said_of(load)}</text>'
        yield from _panel(results.at(load), work, peers, left=left, top=top, width=width)


def _panel(
    results: Results, work: str, peers: Sequence[str], *, left: float, top: int, width: float
) -> Iterator[str]:
    speeds = {
        peer: results.median(peer, work, lambda row: row.per_second)
        for peer in peers
        if results.of(peer, work)
    }
    longest = max(speeds.values())
    for line, peer in enumerate(peers):
        if peer not in speeds:
            continue
        y = top + _HEAD + line * _STEP
        length = max(speeds[peer] / longest * (width - _NUMBER), 1)
        kind = "ours" if PEERS[peer].dialect == "ours" else "peer"
        kind = "floor" if PEERS[peer].is_floor else kind
        yield (
            f'<rect class="{kind}" x="{left:.1f}" y="{y}" width="{length:.1f}"'
            f' height="{_BAR}" rx="2"/>'
        )
        x = left + length + 6
        yield f'<text class="number" x="{x:.1f}" y="{y + 11}">{speeds[peer]:,.0f}/s</text>'
