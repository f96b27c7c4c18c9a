"""The programs of `docs/integrating.md`, extracted as a reader would copy them."""

import re
from pathlib import Path
from typing import Final

from tests.subscriptions import npm_clients

PAGE: Final = Path(__file__).parents[2] / "docs" / "integrating.md"
TEXT: Final = PAGE.read_text("utf-8")
_BLOCK: Final = re.compile(r"```(?:python|js)\n((?:#|//) ([\w-]+\.\w+)\b.*?)```", re.DOTALL)

PROGRAMS: Final = {name: text for text, name in _BLOCK.findall(TEXT)}
"""By the name of the file, which the first line of each program says."""


def write_programs(folder: Path) -> None:
    """Write the programs to a folder in which they find their npm packages."""
    for name, text in PROGRAMS.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "node_modules").symlink_to(npm_clients.HERE / "node_modules")
