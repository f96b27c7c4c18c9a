"""Customers' names and phone numbers as they are shown to those who need not know them."""

from typing import Final

_VISIBLE_END: Final = 4
_VISIBLE_START: Final = 3
_MOBILE_DIGITS: Final = 11
_COUNTRY_CODES: Final = ("0086", "86")
_LEAST_DIGITS: Final = 8
"""A shorter number is hidden whole: its last four digits are most of it."""


def mask_name(name: str) -> str:
    """王小明 → 王**. An erased name stays empty."""
    if not name:
        return ""
    return name[:1] + "*" * max(len(name) - 1, 1)


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678, 51234567 → ****4567, 1234567 → *******.

    Shows the last four digits at most, and the first three of eleven. Only digits are shown, so
    that neither spaces nor an extension shift what is hidden.
    """
    digits = "".join(character for character in phone if character.isdecimal())
    for code in _COUNTRY_CODES:
        if digits.startswith(code) and len(digits) == len(code) + _MOBILE_DIGITS:
            digits = digits.removeprefix(code)
    if len(digits) < _LEAST_DIGITS:
        return "*" * len(phone)
    start = digits[:_VISIBLE_START] if len(digits) == _MOBILE_DIGITS else ""
    hidden = len(digits) - len(start) - _VISIBLE_END
    return start + "*" * hidden + digits[-_VISIBLE_END:]
