"""Asking the database for as long as a block lasts."""

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
    """Takes a connection of its own once something is to be done that takes one.

    Until then it asks together with others.
    """

    __slots__ = ("_connected", "_rows", "_together", "dialect")

    def __init__(self, dialect: sa.Dialect, together: Batcher) -> None:
        self.dialect = dialect
        self._connected: AbstractAsyncContextManager[DriverConnection] | None = None
        self._rows: DriverConnection | None = None
        self._together = together

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connected is not None and self._rows is not None:
            await self._connected.__aexit__(kind, error, trace)

    def run(self, statement: Statement, given: Mapping[str, Any]) -> Awaitable[Sequence[Row]]:
        """The driver's own rows. Raises Overloaded or Unreachable."""
        if self._rows is None and self._together.takes(statement):
            return self._together.ask(statement, given)
        return self._run(statement, given)

    async def _run(self, statement: Statement, given: Mapping[str, Any]) -> Sequence[Row]:
        return await (self._rows or await self._own()).run(statement, given)

    async def see_one_state(self) -> None:
        """Begin a transaction, if there is none, in which all statements see one state."""
        await (self._rows or await self._own()).see_one_state()

    async def _own(self) -> DriverConnection:
        self._connected = self._together.connect(1)
        self._rows = await self._connected.__aenter__()
        return self._rows
