"""Marks a field that a change of staff leaves as it is, where None is a value."""

from enum import Enum, auto


class Unchanged(Enum):
    """Its one member stands for a field that was left out."""

    UNCHANGED = auto()


UNCHANGED = Unchanged.UNCHANGED
