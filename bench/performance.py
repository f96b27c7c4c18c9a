"""Puts what the benches found into docs/performance.md; run as `python -m bench.performance`.

A block of the page stands between `<!-- from bench/results/NAME.md -->` and `<!-- end -->`.
"""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "performance.md"
_BLOCK: Final = re.compile(
    r"(?P<begin><!-- from (?P<file>bench/results/[\w-]+\.md) -->\n).*?(?P<end><!-- end -->)",
    re.DOTALL,
)


def refresh() -> None:
    """Write the page anew, if it is not what the results say."""
    PAGE.write_text(refreshed(PAGE.read_text("utf-8")), "utf-8")


def refreshed(page: str) -> str:
    """The page with each block as its file is, without the title, one heading deeper."""
    return _BLOCK.sub(_block, page)


def _block(found: re.Match[str]) -> str:
    _, _, said = (ROOT / found["file"]).read_text("utf-8").partition("\n")
    deeper = re.sub(r"^#", "##", said.strip(), flags=re.MULTILINE)
    return f"{found['begin']}\n{deeper}\n\n{found['end']}"


if __name__ == "__main__":
    refresh()
