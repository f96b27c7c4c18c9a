"""Draws the results of the race as SVG: a panel of bars for each work."""

from collections.abc import Iterator
from html import escape
from typing import Final

from bench.race.peers import PEERS
from bench.race.results import Results
from bench.race.works import WORKS

WIDTH: Final = 880
_NAMES: Final = 230
_BAR: Final = 18
_STEP: Final = 24
_HEAD: Final = 40
_GAP: Final = 18
_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .number { font-variant-numeric: tabular-nums; fill: #57606a }
  .ours { fill: #1a7f37 } .floor { fill: #8c959f } .peer { fill: #54aeff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .number { fill: #9198a1 }
  }
"""


def picture(results: Results) -> str:
    """The median requests per second; each panel has its own scale."""
    panels: list[str] = []
    top = 0
    for work in results.works():
        panels.extend(_panel(results, work, top))
        top += _HEAD + _STEP * len(results.peers(work)) + _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img"'
        ' aria-label="Requests per second of each peer in each work">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *panels, "</svg>"]) + "\n"


def _panel(results: Results, work: str, top: int) -> Iterator[str]:
    yield f'<text class="title" x="0" y="{top + 22}">{escape(WORKS[work].title)}</text>'
    peers = results.peers(work)
    speeds = [results.median(peer, work, lambda row: row.per_second) for peer in peers]
    longest = max(speeds)
    for row, (peer, speed) in enumerate(zip(peers, speeds, strict=True)):
        y = top + _HEAD + row * _STEP
        length = max(speed / longest * (WIDTH - _NAMES - 90), 1)
        kind = "ours" if PEERS[peer].dialect == "ours" else "peer"
        kind = "floor" if PEERS[peer].is_floor else kind
        name = escape(PEERS[peer].title.replace("*", ""))
        yield f'<text x="{_NAMES - 10}" y="{y + 13}" text-anchor="end">{name}</text>'
        yield (
            f'<rect class="{kind}" x="{_NAMES}" y="{y}" width="{length:.1f}"'
            f' height="{_BAR}" rx="2"/>'
        )
        x = _NAMES + length + 8
        yield f'<text class="number" x="{x:.1f}" y="{y + 13}">{speed:,.0f}/s</text>'
