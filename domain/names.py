"""Enums whose values equal the names of their members, as in the API and the database."""

from enum import StrEnum


class Named(StrEnum):
    """An enum whose members are declared with ``auto()``."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name
