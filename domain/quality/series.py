"""What a series of figures is divided by."""

from enum import auto
from typing import Final

from domain.names import Named

MAX_POINTS: Final = 500
"""The most employees, reasons or categories of a series; a period has fewer days."""


class Dimension(Named):
    """What a series is divided by."""

    DAY = auto()
    EMPLOYEE = auto()
    REASON = auto()
    CATEGORY = auto()
