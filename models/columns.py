"""Column types that store a value the same way on every database."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, String, Text
from sqlmodel import Field

from domain.search_keys import MAX_KEY

Stored = dict[str, Any]
"""A JSON object in a column."""


def big(**options: Any) -> Any:  # Any in and out, as in SQLModel's own Field
    """A 64-bit integer: an id, or money in fen."""
    return whole(sa_type=BigInteger, **options)


def whole(**options: Any) -> Any:
    """An integer that the database never generates, not even in a primary key."""
    return Field(sa_column_kwargs={"autoincrement": False}, **options)


def long_text(**options: Any) -> Any:
    return Field(sa_type=Text, **options)


def search_key(**options: Any) -> Any:
    """A text whose beginnings are looked up: sorted by its bytes, whatever the database's locale.

    SQLite always sorts so.
    """
    kind = String(MAX_KEY).with_variant(String(MAX_KEY, collation="C"), "postgresql")
    return Field(sa_type=kind, **options)


def json(**options: Any) -> Any:
    """A JSON value in its owner's row, as no query looks for it alone."""
    return Field(sa_type=JSON(none_as_null=True), **options)


def enum(values: type[StrEnum], *, check: str | None = None, **options: Any) -> Any:
    """An enum as text with a CHECK constraint. A native type cannot be changed in a transaction.

    ``check`` names the constraint if a table has two columns of one enum.
    """
    kind = Enum(
        values,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        length=32,
        name=check or _snake(values.__name__),
    )
    return Field(sa_type=kind, **options)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
