"""Validation of input: texts, lists and numbers.

Texts pass through ``domain/characters.py``, which says what becomes of each character.
"""

from collections.abc import Sequence
from typing import Final

from domain import characters
from domain.refusals.refusal import BadInput
from domain.text import Text

MAX_NAME: Final = 64
MAX_REF: Final = 64
MAX_PHONE: Final = 32
MAX_DETAIL: Final = 200

_EMPTY = Text("不能为空", "This must not be empty.")
_CONTROL = Text("含有控制字符", "This must not contain control characters.")
_DIRECTION = Text(
    "含有改变文字方向的字符", "This must not contain characters that turn the direction of text."
)
_LINE_END = Text("须为一行", "This must be a single line.")
_INVISIBLE = Text("含有不可见的字符", "This must not contain invisible characters.")
_RAW_FACTOR: Final = 4
"""A text is cleaned if it is at most so many times too long: characters may be removed from it."""


def words(value: str, *path: str, longest: int, shortest: int = 1) -> str:
    """A text of one or more lines, cleaned and trimmed. Raises BadInput.

    A name, a number or any other text of a single line takes ``line``.
    """
    text = _cleaned(value, path, longest)
    return _of_length(text, path, shortest=shortest, longest=longest)


def optional_words(value: str | None, *path: str, longest: int) -> str | None:
    """Like ``words``, None for a text that shows nothing. Raises BadInput."""
    text = _cleaned(value or "", path, longest)
    return _of_length(text, path, longest=longest) if text else None


def line(value: str, *path: str, longest: int, shortest: int = 1) -> str:
    """A text of a single line: no line ends, one space for a run of them. Raises BadInput."""
    text = _single(_cleaned(value, path, longest), path)
    return _of_length(text, path, shortest=shortest, longest=longest)


def optional_line(value: str | None, *path: str, longest: int) -> str | None:
    """Like ``line``, None for a text that shows nothing. Raises BadInput."""
    text = _single(_cleaned(value or "", path, longest), path)
    return _of_length(text, path, longest=longest) if text else None


def phone(value: str, *path: str) -> str:
    """A phone number. Contact lists wrap numbers in marks of direction, which are removed."""
    return line(characters.DIRECTION.sub("", value), *path, longest=MAX_PHONE)


def optional_phone(value: str | None, *path: str) -> str | None:
    """Like ``phone``, None for a text that shows nothing. Raises BadInput."""
    return optional_line(characters.DIRECTION.sub("", value or ""), *path, longest=MAX_PHONE)


def reference(value: str, *path: str, longest: int = MAX_REF) -> str:
    """Another system's identifier: trimmed and otherwise unchanged. Raises BadInput.

    Nothing is removed from it, because the other system compares it as it is.
    """
    text = characters.stripped(value)
    _refuse(text, path)
    if characters.INVISIBLE.search(text):
        raise BadInput(path, _INVISIBLE)
    text = _single(text, path, collapse=False)
    return _of_length(text, path, longest=longest)


def secret(value: str, *path: str, longest: int, shortest: int = 1) -> str:
    """A password or a token: trimmed, and otherwise unchanged. Raises BadInput."""
    text = value.strip()
    if characters.CONTROL.search(text):
        raise BadInput(path, _CONTROL)
    return _of_length(text, path, shortest=shortest, longest=longest)


def optional_secret(value: str | None, *path: str, longest: int) -> str | None:
    """Like ``secret``, None for nothing but white space. Raises BadInput."""
    return secret(value, *path, longest=longest) if value and value.strip() else None


def _cleaned(value: str, path: tuple[str, ...], longest: int) -> str:
    """The cleaned text, empty if it shows nothing. Raises BadInput."""
    raw = characters.stripped(value)
    if len(raw) > _RAW_FACTOR * longest:
        raise _too_long(path, longest)  # before the time of cleaning it is spent
    _refuse(raw, path)
    text = characters.cleaned(raw)
    return text if characters.is_visible(text) else ""


def _refuse(text: str, path: tuple[str, ...]) -> None:
    for pattern, message in ((characters.CONTROL, _CONTROL), (characters.DIRECTION, _DIRECTION)):
        if pattern.search(text):
            raise BadInput(path, message)


def _single(text: str, path: tuple[str, ...], *, collapse: bool = True) -> str:
    if characters.LINE_END.search(text):
        raise BadInput(path, _LINE_END)
    return characters.in_one_line(text) if collapse else text


def _of_length(text: str, path: tuple[str, ...], *, longest: int, shortest: int = 1) -> str:
    if not text and shortest:
        raise BadInput(path, _EMPTY)
    if len(text) < shortest:
        raise BadInput(
            path, Text(f"至少 {shortest} 个字符", f"This must have at least {shortest} characters.")
        )
    if len(text) > longest:
        raise _too_long(path, longest)
    return text


def _too_long(path: tuple[str, ...], longest: int) -> BadInput:
    return BadInput(
        path, Text(f"最多 {longest} 个字符", f"This must have at most {longest} characters.")
    )


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
