"""What a series of figures is divided by."""

from enum import auto

from domain.names import Named


class Dimension(Named):
    """What a series is divided by."""

    DAY = auto()
    EMPLOYEE = auto()
    REASON = auto()
    CATEGORY = auto()
