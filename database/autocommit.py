"""A session for one write that needs no transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from database.compiled import Row, Statement
from database.driver_connection import DriverConnection
from database.lazy_connection import LazyConnection


class SecondWrite(RuntimeError):
    """A programming error: a second write in an autocommit session, which commits each at once."""


class FailedAfterWrite(RuntimeError):
    """A programming error: the block of an autocommit session raised after its write.

    On PostgreSQL the write is committed by then, although the exception says that it failed.
    """


class Autocommit:
    """Takes any number of reads and one write.

    On PostgreSQL each statement commits by itself. On SQLite, and with a replica, the session is
    a transaction. The rule is the same there, so that tests on either database find a violation.

    A write that returns no row changed nothing and may be retried.
    """

    __slots__ = ("_attempted", "_connection", "_opening", "_written", "dialect")

    def __init__(
        self,
        dialect: sa.Dialect,
        opening: AbstractAsyncContextManager[LazyConnection | DriverConnection],
    ) -> None:
        self.dialect = dialect
        self._opening = opening
        self._connection: LazyConnection | DriverConnection | None = None
        self._attempted = False
        self._written = False

    async def __aenter__(self) -> Self:
        self._connection = await self._opening.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._opening.__aexit__(kind, error, trace)
        if self._written and isinstance(error, Exception) and not isinstance(error, SecondWrite):
            message = "an exception after the write of an autocommit session undoes nothing"
            raise FailedAfterWrite(message) from error

    def run(self, statement: Statement, parameters: Mapping[str, Any]) -> Awaitable[Sequence[Row]]:
        """The driver's own rows. Raises Overloaded, Unreachable or SecondWrite."""
        if statement.writes:
            return self._write(partial(self._open.run, statement, parameters))
        return self._open.run(statement, parameters)

    def run_pair(
        self, first: Statement, others: Sequence[Statement], parameters: Mapping[str, Any]
    ) -> Awaitable[Sequence[Row]]:
        """Statements that count as one write. Raises TypeError if there is no transaction."""
        if not isinstance(self._open, DriverConnection):
            message = "a pair of statements needs a transaction"
            raise TypeError(message)
        return self._write(partial(self._open.run_pair, first, others, parameters))

    async def _write(self, start: Callable[[], Awaitable[Sequence[Row]]]) -> Sequence[Row]:
        if self._attempted:
            message = "an autocommit session takes one write; use a transaction for more"
            raise SecondWrite(message)
        self._attempted = True  # stays set if the write raises: it may have been carried out
        rows = await start()
        self._attempted = self._written = bool(rows)
        return rows

    @property
    def _open(self) -> LazyConnection | DriverConnection:
        if self._connection is None:
            message = "the session is not open"
            raise RuntimeError(message)
        return self._connection
