"""Reads that many readers share: an equal statement runs once, until the reads are renewed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeVar, cast

import sqlalchemy as sa

from database.compiled import Row, Statement
from database.driver_connection import DriverConnection
from database.lazy_connection import LazyConnection

T = TypeVar("T")

MAX_RESULTS: Final = 64
"""The most results that are kept at once."""
MAX_BYTES: Final = 16 * 1024 * 1024
"""The most bytes that they hold as encoded results."""

OpenRead = Callable[[], AbstractAsyncContextManager[LazyConnection | DriverConnection]]


class SharedReads:
    """Runs each statement once for equal parameters, and gives all who ask the same rows.

    The rows are as of the first time they were asked for. Different statements may see different
    moments: there is no transaction around them. Those who come much later than the others, when
    the result is not kept any more, read again: a reader who catches up with a million events must
    not leave them all in memory.
    """

    def __init__(self, dialect: sa.Dialect, open_read: OpenRead) -> None:
        self.dialect = dialect
        self._open_read = open_read
        self._tasks: OrderedDict[Hashable, asyncio.Task[Any]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        """How many results are kept."""
        return len(self._tasks)

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
        """What ``make`` returned for this key, if that is kept; else call it.

        A failure is not kept.
        """
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(make))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
        else:
            self._tasks.move_to_end(key)
        # Shielded: one reader who leaves must not cancel what the others wait for.
        return asyncio.shield(cast("asyncio.Task[T]", task))

    def _finish(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        is_failure = task.cancelled() or task.exception() is not None
        if self._tasks.get(key) is not task:
            return
        if is_failure:
            del self._tasks[key]
            return
        self._bytes += _bytes_of(task)
        while len(self._tasks) > 1 and (len(self._tasks) > MAX_RESULTS or self._bytes > MAX_BYTES):
            _, evicted = self._tasks.popitem(last=False)
            self._bytes -= _bytes_of(evicted)


async def _awaited(make: Callable[[], Awaitable[T]]) -> T:
    return await make()


def _bytes_of(task: asyncio.Task[Any]) -> int:
    """The bytes of encoded results. Rows count by their number: a result comes with a few sets."""
    result = task.result() if task.done() and not task.cancelled() else None
    if not isinstance(result, list):
        return 0
    return sum(len(part) for part in result if isinstance(part, bytes))


def _hashable(value: Any) -> Hashable:  # Any: parameters of statements
    if isinstance(value, tuple | list):
        return tuple(map(_hashable, value))
    return cast("Hashable", value)
