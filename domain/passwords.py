"""Which passwords people may choose: by length, and not one of the common ones.

As NIST SP 800-63B says, no kinds of characters are demanded. A password is compared with a list of
common ones, with the login, and with what is typed without thought: one character or a short group
again and again, or neighbours in the alphabet or on the keyboard.
"""

from functools import cache
from pathlib import Path
from typing import Final

from domain.refusals.passwords import CommonPassword
from domain.refusals.refusal import Refused
from domain.words import secret

MIN_PASSWORD: Final = 8
"""In code points, as is MAX_PASSWORD."""
MAX_PASSWORD: Final = 128

_TABLE: Final = Path(__file__).parent / "data" / "common_passwords.csv"
"""Passwords and words that stand high in every published list of leaked ones, and their Chinese
like. A selection of our own, made for this project; facts, copied from no list."""

_MAX_GROUP: Final = 4
_MAX_ENDING: Final = 6
"""How many digits and signs around a listed word change nothing: ``password2026``."""
_RUNS: Final = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)


def new_password(value: str, *path: str, login: str | None = None) -> str:
    """A password that somebody chooses. Raises BadInput for its length, Refused for a common one.

    ``login`` is the account's, if it is known already.
    """
    password = secret(value, *path, shortest=MIN_PASSWORD, longest=MAX_PASSWORD)
    if is_common(password):
        raise Refused(CommonPassword(path=path))
    if login is not None:
        check_not_login(password, login, *path)
    return password


def check_not_login(password: str, login: str, *path: str) -> None:
    """Raises Refused for a password that is the login of its account, or that backwards."""
    if login.casefold() in (password.casefold(), password.casefold()[::-1]):
        raise Refused(CommonPassword(path=path))


def is_common(password: str) -> bool:
    folded = password.casefold()
    word = folded.strip("0123456789!@#$%^&*._-+=?~ ")
    is_word = word in _common() and len(folded) - len(word) <= _MAX_ENDING
    return folded in _common() or is_word or _repeats(folded) or _runs(folded)


def _repeats(text: str) -> bool:
    """Whether the text is a short group of characters again and again."""
    return any(
        (text[:length] * len(text))[: len(text)] == text
        for length in range(1, min(_MAX_GROUP, len(text) // 2) + 1)
    )


def _runs(text: str) -> bool:
    """Whether the text is a part of an alphabet or of a row of the keyboard, either way."""
    return any(text in run or text[::-1] in run for run in _RUNS)


@cache
def _common() -> frozenset[str]:
    """Read when the first password is chosen: a server that only signs people in never needs it."""
    return frozenset(_TABLE.read_text("utf-8").split())
