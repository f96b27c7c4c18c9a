"""Reading days that clients send."""

import re
from datetime import date
from typing import Final

from domain.refusals.refusal import BadInput
from domain.text import Text

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_day(value: str, *path: str) -> date:
    """Raises BadInput for anything but a date that exists."""
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadInput(
        path, Text("须为日期, 例如 2026-10-01", "This must be a date such as 2026-10-01.")
    )
