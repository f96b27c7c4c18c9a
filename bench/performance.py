"""Copies the results of the benches into the docs: `python -m bench.performance`.

A block of a page stands between `<!-- from bench/results/NAME.md, under ## -->`, which gives the
heading's level, and `<!-- end -->`.
"""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = tuple(ROOT / "docs" / name for name in ("performance.md", "scaling.md"))
_BLOCK: Final = re.compile(
    r"(?P<begin><!-- from (?P<file>bench/results/[\w-]+\.md), under (?P<under>#+) -->\n)"
    r".*?(?P<end><!-- end -->)",
    re.DOTALL,
)


def refresh() -> None:
    """Rewrite the pages from the results."""
    for page in PAGES:
        page.write_text(refreshed(page.read_text("utf-8")), "utf-8")


def refreshed(page: str) -> str:
    """The page with each block replaced by its file, without the title, under its heading."""
    return _BLOCK.sub(_block, page)


def _block(match: re.Match[str]) -> str:
    _, _, text = (ROOT / match["file"]).read_text("utf-8").partition("\n")
    nested = re.sub(r"^#", match["under"], text.strip(), flags=re.MULTILINE)
    return f"{match['begin']}\n{nested}\n\n{match['end']}"


if __name__ == "__main__":
    refresh()
