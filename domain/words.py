"""Validation of input: texts, lists and numbers."""

import re
from collections.abc import Sequence
from typing import Final

from domain.refusals.refusal import BadInput
from domain.text import Text

MAX_NAME: Final = 64
MAX_REF: Final = 64
MAX_PHONE: Final = 32
MAX_DETAIL: Final = 200

# Control characters except line ends and tabs, and surrogates. Databases refuse NUL.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def words(value: str, *path: str, longest: int, shortest: int = 1) -> str:
    """The trimmed text. Raises BadInput for a wrong length and for control characters."""
    text = value.strip()
    if len(text) < shortest:
        raise BadInput(path, Text("不能为空", "This must not be empty."))
    if len(text) > longest:
        raise BadInput(
            path, Text(f"最多 {longest} 个字符", f"This must have at most {longest} characters.")
        )
    if _CONTROL.search(text):
        raise BadInput(path, Text("含有控制字符", "This must not contain control characters."))
    return text


def optional_words(value: str | None, *path: str, longest: int) -> str | None:
    """Like ``words``, None for an empty text. Raises BadInput."""
    return words(value, *path, longest=longest) if value and value.strip() else None


def printable(value: str, *path: str, longest: int) -> str:
    """The text unchanged, for keys that are compared and never shown. Raises BadInput."""
    if not (1 <= len(value) <= longest and value.isprintable()):
        raise BadInput(
            path,
            Text(
                f"需要 1 至 {longest} 个可见字符",
                f"This must have 1 to {longest} printable characters.",
            ),
        )
    return value


def at_most(values: Sequence[object], *path: str, most: int, least: int = 0) -> None:
    """Raises BadInput for a list with too many or too few values."""
    if not least <= len(values) <= most:
        raise BadInput(
            path, Text(f"需要 {least} 至 {most} 项", f"This must have {least} to {most} items.")
        )


def between(value: int, *path: str, least: int, most: int) -> int:
    """Raises BadInput for a number out of range."""
    if not least <= value <= most:
        raise BadInput(
            path, Text(f"须在 {least} 至 {most} 之间", f"This must be between {least} and {most}.")
        )
    return value
