"""Enums whose values are the names of their members, as the API and the database say them."""

from enum import StrEnum


class Named(StrEnum):
    """Give the members ``auto()``."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name
