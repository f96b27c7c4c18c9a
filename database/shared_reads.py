"""Reads that many readers share: an equal statement runs once, until the reads are renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from database.compiled import Row, Statement
from database.driver_connection import DriverConnection
from database.lazy_connection import LazyConnection

T = TypeVar("T")

OpenRead = Callable[[], AbstractAsyncContextManager[LazyConnection | DriverConnection]]


class SharedReads:
    """Runs each statement once for equal parameters, and gives all who ask the same rows.

    The rows are as of the first time they were asked for. Different statements may see different
    moments: there is no transaction around them.
    """

    def __init__(self, dialect: sa.Dialect, open_read: OpenRead) -> None:
        self.dialect = dialect
        self._open_read = open_read
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    def run(
        self, statement: Statement, parameters: Mapping[str, Any], /
    ) -> Awaitable[Sequence[Row]]:
        """The driver's own rows. Raises Overloaded or Unreachable."""

        async def read() -> Sequence[Row]:
            async with self._open_read() as connection:
                return await connection.run(statement, parameters)

        return self.once((statement, *map(_hashable, parameters.items())), read)

    async def ensure_transaction(self) -> None:
        """Do nothing: a transaction could not be shared."""

    def once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> Awaitable[T]:
        """What ``make`` returned for this key; it is called once. A failure is not kept."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(make))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._forget_failure(key, done))
        # Shielded: one reader who leaves must not cancel what the others wait for.
        return asyncio.shield(cast("asyncio.Task[T]", task))

    def _forget_failure(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._tasks.pop(key, None)


async def _awaited(make: Callable[[], Awaitable[T]]) -> T:
    return await make()


def _hashable(value: Any) -> Hashable:  # Any: parameters of statements
    if isinstance(value, tuple | list):
        return tuple(map(_hashable, value))
    return cast("Hashable", value)
