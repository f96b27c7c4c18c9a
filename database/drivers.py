"""One interface to the two drivers, and their errors as outages."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from typing import Any, Final, Protocol

from database.availability import Unreachable, unreachable_of

SLOW_STATEMENT_S: Final = 0.01
"""The time after which a statement no longer holds up others: it may wait for a lock."""
PROGRESS_INSTRUCTIONS: Final = 50_000
"""SQLite virtual-machine instructions between two checks of that time: a few ms."""


class Driver(Protocol):
    """A driver's connection."""

    @property
    def is_open(self) -> bool:
        """False once the driver knows that the server closed the connection."""
        ...

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]: ...

    async def run(self, statement: str) -> None: ...


class Asyncpg:
    """A connection of asyncpg, which has no types: hence Any."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @property
    def is_open(self) -> bool:
        return not self._connection.is_closed()

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        try:
            rows: Sequence[Any] = await self._connection.fetch(statement, *values)
        except Exception as error:
            self._raise_if_unreachable(error)
            raise
        return rows

    async def run(self, statement: str) -> None:
        try:
            await self._connection.execute(statement)
        except Exception as error:
            self._raise_if_unreachable(error)
            raise

    def _raise_if_unreachable(self, error: Exception) -> None:
        raise_if_unreachable(error)
        if self._connection.is_closed() or isinstance(error, OSError):
            raise Unreachable(str(error)) from error


class Aiosqlite:
    """A connection of aiosqlite."""

    is_open = True

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        try:
            rows: Sequence[Any] = await self._connection.execute_fetchall(statement, values)
        except sqlite3.Error as error:
            raise_if_unreachable(error)
            raise
        return rows

    async def fetch_batch(
        self, calls: Sequence[tuple[str, Sequence[Any]]]
    ) -> Sequence[Sequence[Any] | None]:
        """Run statements one after the other, with one switch to the connection's thread.

        The result is None for a statement that fails or is slow: the caller must retry it alone.
        """
        # aiosqlite has no public way to run several statements in one switch.
        results: Sequence[Sequence[Any] | None] = await self._connection._execute(  # noqa: SLF001
            _fetch_batch, self._connection, calls
        )
        return results

    async def run(self, statement: str) -> None:
        await self.fetch(statement, ())


def raise_if_unreachable(error: BaseException) -> None:
    """Raises Unreachable if a driver's error reports an outage."""
    unreachable = unreachable_of(error)
    if unreachable is not None:
        raise unreachable from error


def _fetch_batch(
    connection: Any,
    calls: Sequence[tuple[str, Sequence[Any]]],
) -> Sequence[Sequence[Any] | None]:
    raw: sqlite3.Connection = connection._conn  # noqa: SLF001 - see fetch_batch
    slow_at = 0.0

    def is_slow() -> bool:
        return time.monotonic() > slow_at

    results: list[Sequence[Any] | None] = []
    raw.set_progress_handler(is_slow, PROGRESS_INSTRUCTIONS)
    try:
        for statement, values in calls:
            slow_at = time.monotonic() + SLOW_STATEMENT_S
            try:
                results.append(raw.execute(statement, values).fetchall())
            except sqlite3.Error:
                results.append(None)
    finally:
        raw.set_progress_handler(None, 0)
    return results
