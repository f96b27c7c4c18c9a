"""A connection that is opened only when a statement cannot be batched."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from database.batcher import Batcher
from database.compiled import Row, Statement
from database.driver_connection import DriverConnection


class LazyConnection:
    """Runs statements through the batcher until one needs a connection of its own.

    Such are a transaction and a statement that cannot be batched. From then on all statements use
    that connection.
    """

    __slots__ = ("_batcher", "_connection", "_opening", "dialect")

    def __init__(self, dialect: sa.Dialect, batcher: Batcher) -> None:
        self.dialect = dialect
        self._batcher = batcher
        self._opening: AbstractAsyncContextManager[DriverConnection] | None = None
        self._connection: DriverConnection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._opening is not None and self._connection is not None:
            await self._opening.__aexit__(kind, error, trace)

    def run(self, statement: Statement, parameters: Mapping[str, Any]) -> Awaitable[Sequence[Row]]:
        """The driver's own rows. Raises Overloaded or Unreachable."""
        if self._connection is None and self._batcher.accepts(statement):
            return self._batcher.run(statement, parameters)
        return self._run(statement, parameters)

    async def _run(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Row]:
        return await (self._connection or await self._connect()).run(statement, parameters)

    async def ensure_transaction(self) -> None:
        """Begin a transaction unless there is one: all its statements see one snapshot."""
        await (self._connection or await self._connect()).ensure_transaction()

    async def _connect(self) -> DriverConnection:
        self._opening = self._batcher.connect(1)
        self._connection = await self._opening.__aenter__()
        return self._connection
