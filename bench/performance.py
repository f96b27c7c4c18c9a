"""Puts what the benches found into the docs; run as `python -m bench.performance`.

A block of a page stands between `<!-- from bench/results/NAME.md, under ## -->`, which says under
what heading, and `<!-- end -->`.
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
    """Write the pages anew, as the results say."""
    for page in PAGES:
        page.write_text(refreshed(page.read_text("utf-8")), "utf-8")


def refreshed(page: str) -> str:
    """The page with each block as its file is, without the title, and as deep as it has to be."""
    return _BLOCK.sub(_block, page)


def _block(found: re.Match[str]) -> str:
    _, _, said = (ROOT / found["file"]).read_text("utf-8").partition("\n")
    deeper = re.sub(r"^#", found["under"], said.strip(), flags=re.MULTILINE)
    return f"{found['begin']}\n{deeper}\n\n{found['end']}"


if __name__ == "__main__":
    refresh()
