"""What the projection takes from the database, and values as the answer says them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from database.compiled import Row, Statement, is_instant, result_processor


class StatementRunner(Protocol):
    """Runs statements, and answers the driver's own rows."""

    @property
    def dialect(self) -> sa.Dialect: ...

    def run(self, statement: Statement, given: Mapping[str, Any]) -> Awaitable[Sequence[Row]]:
        """Run one statement, with its parameters by their names."""
        ...

    async def ensure_transaction(self) -> None:
        """Let all statements from here on see the database as it is now."""
        ...


def wire(kind: Any, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What makes of the driver's value one that the JSON encoder writes as the API says it."""
    if isinstance(kind, sa.Enum) and all(one.name == one.value for one in kind.enum_class or ()):
        return None  # stored by the name that the API says
    if is_instant(kind) and dialect.name == "sqlite":
        return _instant
    return result_processor(kind, dialect)


def _instant(stored: str | None) -> str | None:
    """SQLite's text ``2026-11-22 12:00:00.000000``, which is UTC, as RFC 3339."""
    if stored is None:
        return None
    return f"{stored.removesuffix('.000000').replace(' ', 'T', 1)}+00:00"
