"""How the kinds of values are stored, the same on every database."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, Text
from sqlmodel import Field

Stored = dict[str, Any]
"""A JSON object in a column."""


def big(**rest: Any) -> Any:  # Any in and out, as in SQLModel's own Field
    """A 64-bit whole number: an id, or money in fen."""
    return whole(sa_type=BigInteger, **rest)


def whole(**rest: Any) -> Any:
    """A whole number, which the database never makes up by itself, in a key either."""
    return Field(sa_column_kwargs={"autoincrement": False}, **rest)


def long_text(**rest: Any) -> Any:
    return Field(sa_type=Text, **rest)


def json(**rest: Any) -> Any:
    """A small value kept in its owner's row, because nobody looks for it by itself."""
    return Field(sa_type=JSON(none_as_null=True), **rest)


def enum(values: type[StrEnum], *, check: str | None = None, **rest: Any) -> Any:
    """An enum as checked text. A native type could not be changed inside a transaction.

    ``check`` names the constraint, where a table has two columns of one enum.
    """
    kind = Enum(
        values,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        length=32,
        name=check or _snake(values.__name__),
    )
    return Field(sa_type=kind, **rest)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
