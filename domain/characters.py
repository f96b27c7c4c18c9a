"""Which characters a text that people type may hold, as a table, and how a text is made of them.

Names, notes and numbers arrive from chats, spreadsheets and web pages, with characters that show
nothing or that turn the direction of what follows. The table says what becomes of each.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import Enum, auto
from typing import Final


class Treatment(Enum):
    """What becomes of a character."""

    SPACE = auto()
    """It is white space: an ordinary space in a line, unchanged in a text of several lines."""
    BLANK = auto()
    """It looks like white space and becomes an ordinary space."""
    LINE_END = auto()
    """It ends a line: refused in a line, a line feed in a text of several lines."""
    REMOVED = auto()
    """It shows nothing, and pasted text often holds it."""
    JOINER = auto()
    """Kept where a script or an emoji needs it, otherwise removed."""
    CONTROL = auto()
    """Refused: it is no text."""
    DIRECTION = auto()
    """Refused, and removed from phone numbers: it turns the direction of other characters."""


Range = tuple[int, int]

TREATMENTS: Final[tuple[tuple[Treatment, tuple[Range, ...]], ...]] = (
    (
        Treatment.LINE_END,
        ((0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029)),
    ),
    (
        Treatment.SPACE,
        (
            *((0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
            *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
        ),
    ),
    # The empty Braille cell and two Hangul fillers have a width and no ink.
    (Treatment.BLANK, ((0x2800, 0x2800), (0x3164, 0x3164), (0xFFA0, 0xFFA0))),
    (
        Treatment.JOINER,
        (
            *((0x180B, 0x180D), (0x180F, 0x180F)),  # Mongolian variation selectors
            (0x200C, 0x200D),  # zero width non-joiner and joiner
            *((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)),  # variation selectors
            (0xE0020, 0xE007F),  # tags, which spell the region of a flag
        ),
    ),
    (
        Treatment.DIRECTION,
        ((0x202A, 0x202E), (0x2066, 0x2069)),
    ),
    (
        Treatment.REMOVED,
        (
            *((0xAD, 0xAD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160)),
            *((0x17B4, 0x17B5), (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F)),
            *((0x2060, 0x2065), (0x206A, 0x206F), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFB)),
            *((0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0x1D173, 0x1D17A)),
            *((0xE0000, 0xE001F), (0xE0080, 0xE00FF), (0xE01F0, 0xE0FFF)),
        ),
    ),
    (
        Treatment.CONTROL,
        (
            *((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xD800, 0xDFFF)),
            (0xFDD0, 0xFDEF),  # these and the last two of each plane are no characters
            *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
        ),
    ),
)
"""All characters that are not kept as they are. No character is in two ranges."""


def _pattern(*treatments: Treatment) -> re.Pattern[str]:
    ranges = [
        f"\\U{first:08x}-\\U{last:08x}"
        for treatment, ranges in TREATMENTS
        if treatment in treatments
        for first, last in ranges
    ]
    return re.compile(f"[{''.join(ranges)}]")


CONTROL: Final = _pattern(Treatment.CONTROL)
DIRECTION: Final = _pattern(Treatment.DIRECTION)
LINE_END: Final = _pattern(Treatment.LINE_END)
INVISIBLE: Final = _pattern(Treatment.REMOVED, Treatment.JOINER, Treatment.BLANK)

_BLANK: Final = _pattern(Treatment.BLANK)
_REMOVED: Final = _pattern(Treatment.REMOVED)
_JOINER: Final = _pattern(Treatment.JOINER)
_LINE_ENDS: Final = re.compile(f"\r\n|{LINE_END.pattern}")
_SPACES: Final = re.compile(f"(?:{_pattern(Treatment.SPACE).pattern})+")
_WHITE_SPACE: Final = "".join(
    chr(number)
    for treatment, ranges in TREATMENTS
    if treatment in {Treatment.SPACE, Treatment.LINE_END}
    for first, last in ranges
    for number in range(first, last + 1)
)
_MARKS: Final = frozenset({"Mn", "Me"})
_ZWJ: Final = "\u200d"
_VIRAMA: Final = 9
_BLACK_FLAG: Final = "\U0001f3f4"


def stripped(text: str) -> str:
    """The text without white space at its ends, that of every script."""
    return text.strip(_WHITE_SPACE)


def cleaned(text: str) -> str:
    """The text in NFC, with line feeds alone, without what is removed. Refuses nothing."""
    if text.isascii() and "\r" not in text and text.isprintable():
        return stripped(text)
    text = _LINE_ENDS.sub("\n", text)
    text = _REMOVED.sub("", _BLANK.sub(" ", text))
    if _JOINER.search(text):
        text = _without_stray_joiners(text)
    return stripped(unicodedata.normalize("NFC", text))


def in_one_line(text: str) -> str:
    """The text with one ordinary space for each run of white space."""
    return _SPACES.sub(" ", text)


def is_visible(text: str) -> bool:
    """Whether a text that was cleaned shows anything. Marks without a letter show nothing."""
    return any(
        not character.isspace() and unicodedata.category(character) not in _MARKS
        for character in text
    )


def folded(name: str) -> str:
    """The form in which names are compared: equal for names that a reader takes for the same."""
    name = _JOINER.sub("", _REMOVED.sub("", _BLANK.sub(" ", name)))
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return in_one_line(stripped(name))


def _without_stray_joiners(text: str) -> str:
    kept: list[str] = []
    for index, character in enumerate(text):
        if _JOINER.match(character):
            after = text[index + 1] if index + 1 < len(text) else ""
            if not _is_needed(character, kept, after):
                continue
        kept.append(character)
    return "".join(kept)


def _is_needed(joiner: str, before: list[str], after: str) -> bool:
    if not before:
        return False
    for characters, needed in _NEEDED:
        if characters.match(joiner):
            return needed(joiner, before, after)
    return False


def _between(joiner: str, before: list[str], after: str) -> bool:
    """Joiners: after a virama, between Arabic letters, and in sequences of emoji."""
    base = _base(before)
    if unicodedata.combining(before[-1]) == _VIRAMA:
        return True
    if not base or not after:
        return False
    if unicodedata.bidirectional(base) == "AL" == unicodedata.bidirectional(after):
        return True
    return joiner == _ZWJ and unicodedata.category(base) == "So" == unicodedata.category(after)


def _after_symbol(_: str, before: list[str], __: str) -> bool:
    """Variation selectors: directly after a character that shows something."""
    previous = before[-1]
    return not _JOINER.match(previous) and unicodedata.category(previous)[0] in "LNSP"


def _after_ideograph(_: str, before: list[str], __: str) -> bool:
    return unicodedata.category(before[-1]) == "Lo"


def _after_mongolian(_: str, before: list[str], __: str) -> bool:
    return "\u1820" <= before[-1] <= "\u18aa"


def _in_flag(_: str, before: list[str], __: str) -> bool:
    for previous in reversed(before[-8:]):
        if previous == _BLACK_FLAG:
            return True
        if not "\U000e0020" <= previous <= "\U000e007e":
            return False
    return False


_NEEDED: Final[tuple[tuple[re.Pattern[str], Callable[[str, list[str], str], bool]], ...]] = (
    (re.compile("[\u200c\u200d]"), _between),
    (re.compile("[\ufe00-\ufe0f]"), _after_symbol),
    (re.compile("[\U000e0100-\U000e01ef]"), _after_ideograph),
    (re.compile("[\u180b-\u180d\u180f]"), _after_mongolian),
    (re.compile("[\U000e0020-\U000e007f]"), _in_flag),
)
"""Where each kind of joiner is kept, by the characters kept before it and the one after it."""


def _base(before: list[str]) -> str | None:
    """The last character before marks, skin colours and variation selectors."""
    for previous in reversed(before[-4:]):
        is_mark = unicodedata.category(previous) in {"Mn", "Me"}
        if not is_mark and not "\U0001f3fb" <= previous <= "\U0001f3ff":
            return previous
    return None
