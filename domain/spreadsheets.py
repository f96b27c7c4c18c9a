"""Texts in the cells of spreadsheets: none is read as a formula, and each can be stored."""

import re
from typing import Final

LONGEST_CELL: Final = 32_767
"""The most characters of a cell in XLSX."""

_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""The characters that XML, or UTF-8, cannot hold, and the control character beside them."""

_FORMULA: Final = re.compile(
    "[\t\r\n]"  # programs drop these, and read what follows
    # Quotes, spaces and invisible characters may be dropped as well.
    "|[\\s\"'`\u2018\u2019\u201c\u201d\uff02\uff07\u200b-\u200f\u2060\ufeff]*"
    "[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]"
)
"""The beginning of a text that some spreadsheet program may evaluate."""


def storable(text: str) -> str:
    """The text without the characters that no cell can hold."""
    return _UNSTORABLE.sub("", text)[:LONGEST_CELL]


def disarmed(text: str) -> str:
    """The text of a CSV cell; an apostrophe precedes one that could be read as a formula."""
    text = storable(text)
    return f"'{text}" if _FORMULA.match(text) else text
