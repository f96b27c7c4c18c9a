"""Serializers: from the driver's values to values that the JSON encoder writes as the API does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from database.compiled import is_instant, result_processor


def serializer(sql_type: Any, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """Return the serializer of a column type; None if the driver's value needs no change.

    Any: SQLAlchemy's types.
    """
    if isinstance(sql_type, sa.Enum) and all(
        member.name == member.value for member in sql_type.enum_class or ()
    ):
        return None  # stored by the name that the API uses
    if is_instant(sql_type) and dialect.name == "sqlite":
        return _sqlite_instant
    return result_processor(sql_type, dialect)


def _sqlite_instant(stored: str | None) -> str | None:
    """SQLite's text ``2026-11-22 12:00:00.000000``, which is UTC, as RFC 3339."""
    if stored is None:
        return None
    fraction = stored[19:]  # by slices: a page has some hundred of these, and a call costs more
    return f"{stored[:10]}T{stored[11:19]}{'' if fraction == '.000000' else fraction}+00:00"
