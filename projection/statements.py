"""Running statements: the interface to the database, and the cache of a plan's statements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import sqlalchemy as sa

from database.bounded_cache import BoundedCache
from database.compiled import Row, Statement

MAX_STATEMENTS: Final = 64
"""The number of statements that a plan caches: one for each combination of its conditions."""

NamedStatement = tuple[Statement, Sequence[str]]
"""A statement, and the names of its conditions' parameters."""


class StatementRunner(Protocol):
    """Runs statements and returns the driver's own rows."""

    @property
    def dialect(self) -> sa.Dialect: ...

    def run(
        self, statement: Statement, parameters: Mapping[str, Any], /
    ) -> Awaitable[Sequence[Row]]:
        """Run one statement, with its parameters by name."""
        ...

    async def ensure_transaction(self) -> None:
        """Take a snapshot: all statements from here on see the database as it is now."""
        ...


@dataclass(slots=True)
class StatementCache:
    """The statements of one plan, by what varies in them from request to request."""

    _statements: BoundedCache[object, NamedStatement] = field(
        default_factory=lambda: BoundedCache(MAX_STATEMENTS)
    )

    def get(self, key: object, compile_: Callable[[], NamedStatement]) -> NamedStatement:
        """Return the statement for a key; compile and keep it if there is none."""
        statement = self._statements.peek(key)
        if statement is None:
            statement = compile_()
            self._statements.put(key, statement)
        return statement
