"""Checking what people type: never empty, never too long, no control characters."""

import re
from collections.abc import Sequence
from typing import Final

from domain.refusals.refusal import BadInput
from domain.text import Text

MAX_NAME: Final = 64
MAX_REF: Final = 64
MAX_PHONE: Final = 32
MAX_DETAIL: Final = 200

# Everything that is not printed but for line ends and tabs; databases choke on NUL.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def words(value: str, *path: str, longest: int, shortest: int = 1) -> str:
    """The text without the space around it. Raises BadInput."""
    said = value.strip()
    if len(said) < shortest:
        raise BadInput(path, Text("不能为空", "This must not be empty."))
    if len(said) > longest:
        raise BadInput(
            path, Text(f"最多 {longest} 个字符", f"This has more than {longest} characters.")
        )
    if _CONTROL.search(said):
        raise BadInput(path, Text("含有控制字符", "This has control characters."))
    return said


def optional_words(value: str | None, *path: str, longest: int) -> str | None:
    """Like ``words``; empty text is as good as none. Raises BadInput."""
    return words(value, *path, longest=longest) if value and value.strip() else None


def printable(value: str, *path: str, longest: int) -> str:
    """The text as it is, for what is compared and never shown. Raises BadInput."""
    if not (1 <= len(value) <= longest and value.isprintable()):
        raise BadInput(
            path,
            Text(f"需要 1 至 {longest} 个可见字符", f"Give 1 to {longest} printable characters."),
        )
    return value


def at_most(values: Sequence[object], *path: str, most: int, least: int = 0) -> None:
    """Raises BadInput for a list that is too long or too short."""
    if not least <= len(values) <= most:
        raise BadInput(
            path, Text(f"需要 {least} 至 {most} 项", f"Give {least} to {most} of these.")
        )


def between(value: int, *path: str, least: int, most: int) -> int:
    """Raises BadInput for a number out of range."""
    if not least <= value <= most:
        raise BadInput(
            path, Text(f"须在 {least} 至 {most} 之间", f"This must be {least} to {most}.")
        )
    return value
