"""The forms in which numbers, phones and names are stored for searches and looked up.

What is stored and what a person types or pastes go through the same functions, so that a full-width
digit or a space within either does not hide the match.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from domain.refusals.refusal import BadInput
from domain.text import Text

MAX_KEY: Final = 64
MAX_PASTED: Final = 50
"""The maximum number of numbers in a pasted list."""

MAX_PASTED_LENGTH: Final = 4_000
"""The maximum length of a pasted list, in characters."""

SHORTEST_NUMBER: Final = 4
"""The minimum length of the beginning of a number."""

SHORTEST_NAME: Final = 2
"""The minimum length of the beginning of a name."""

SHORTEST_PHONE: Final = 4
"""The minimum number of last digits of a phone."""

_SEPARATORS = re.compile(r"[,，;；、\n\r\t\v\f\x85\u2028\u2029]+")
_FROM_ABROAD = re.compile(r"(?:00)?86([0-9]{11})")
_PHONE = re.compile(r"[0-9 ()+./\-]*")


def number_key(text: str) -> str:
    """An order number without spaces and ``#``, with full-width characters made ordinary.

    Letters keep their case: a storefront may tell numbers apart by it.
    """
    return _plain(text).replace("#", "")[:MAX_KEY]


def waybill_key(text: str) -> str:
    """A waybill in the same form, in capitals: no carrier tells waybills apart by case."""
    return number_key(text).upper()


def name_key(text: str) -> str:
    """A name without spaces, with all letters small."""
    return _plain(text).casefold()[:MAX_KEY]


def phone_key(text: str) -> str:
    """The digits of a phone backwards, so that its last digits are a prefix.

    The country code of China is left out, as people write it or do not.
    """
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))
    # Only from a whole number: the last digits of a number may begin like a country code.
    abroad = _FROM_ABROAD.fullmatch(digits)
    return (abroad[1] if abroad else digits)[::-1][:MAX_KEY]


def pasted(text: str, *path: str) -> Sequence[str]:
    """The numbers of a pasted list, each without the spaces around it and still as written.

    Commas, semicolons, tabs and line ends separate numbers. Raises BadInput for none and for too
    many.
    """
    if len(text) > MAX_PASTED_LENGTH:
        raise _too_long(path, MAX_PASTED_LENGTH)
    pieces = _SEPARATORS.split(text)
    numbers = list(dict.fromkeys(stripped for piece in pieces if (stripped := piece.strip())))
    if not numbers:
        raise BadInput(path, Text("不能为空", "This must not be empty."))
    if len(numbers) > MAX_PASTED:
        raise BadInput(
            path,
            Text(f"最多 {MAX_PASTED} 个号码", f"This must have at most {MAX_PASTED} numbers."),
        )
    return numbers


def pasted_keys(text: str, *path: str) -> list[str]:
    """The keys of a pasted list of order numbers. Raises BadInput, like ``pasted``.

    A storefront's number may contain a comma, so a line is a number as well as a list.
    """
    numbers = [*pasted(text, *path), *(line.strip() for line in text.splitlines())]
    return [key for key in dict.fromkeys(map(number_key, numbers)) if key]


def written_forms(number: str) -> Sequence[str]:
    """The forms in which a storefront may have stored a pasted number."""
    key = number_key(number)
    plain = unicodedata.normalize("NFKC", number)
    return [form for form in dict.fromkeys((number, plain, key, f"#{key}")) if form.isprintable()]


def number_beginning(text: str, *path: str) -> str:
    """The key of the beginning of a number. Raises BadInput."""
    return _beginning(number_key, text, path, SHORTEST_NUMBER)


def name_beginning(text: str, *path: str) -> str:
    """The key of the beginning of a name. Raises BadInput."""
    return _beginning(name_key, text, path, SHORTEST_NAME)


def phone_ending(text: str, *path: str) -> str | None:
    """The key of a phone or of its last digits; None for what no phone is. Raises BadInput."""
    if len(text) > MAX_KEY:
        raise _too_long(path, MAX_KEY)
    # A phone copied from this API is masked: its last digits are known.
    plain = unicodedata.normalize("NFKC", text).rpartition("*")[2].strip()
    if not _PHONE.fullmatch(plain):
        return None
    key = phone_key(plain)
    if len(key) < SHORTEST_PHONE:
        raise BadInput(
            path,
            Text(
                f"至少 {SHORTEST_PHONE} 位数字",
                f"This must have at least {SHORTEST_PHONE} digits.",
            ),
        )
    return key


def _beginning(
    key_of: Callable[[str], str], text: str, path: tuple[str, ...], shortest: int
) -> str:
    if len(text) > MAX_KEY:
        raise _too_long(path, MAX_KEY)
    key = key_of(text)
    if len(key) < shortest:
        raise BadInput(
            path, Text(f"至少 {shortest} 个字符", f"This must have at least {shortest} characters.")
        )
    return key


def _plain(text: str) -> str:
    """NFKC, without white space and characters that show nothing."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if not character.isspace() and unicodedata.category(character) not in _UNSEEN
    )


_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs"})


def _too_long(path: tuple[str, ...], longest: int) -> BadInput:
    return BadInput(
        path, Text(f"最多 {longest} 个字符", f"This must have at most {longest} characters.")
    )
