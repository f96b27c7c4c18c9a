"""Statements of our own that are compiled once, for what is asked or written at every turn."""

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase

from database.autocommit import Autocommit
from database.batch_statement import BatchableStatement, BatchQuery
from database.compiled import Row, Statement, typed
from database.driver_connection import DriverConnection
from database.lazy_connection import LazyConnection

AnyConnection = AsyncConnection | DriverConnection | LazyConnection | Autocommit
"""Where such a statement can run: in a transaction of SQLAlchemy's, or by the driver itself."""


class Prepared:
    """A statement with named parameters; its columns come as Python's values.

    It runs by the driver itself, within the transaction of the session.
    """

    def __init__(self, statement: sa.Select[Any] | UpdateBase) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[Statement, _Read]] = {}

    async def all(self, session: AnyConnection, **values: object) -> list[Any]:
        """The rows, as named tuples of the columns. Any: whatever the statement selects."""
        return self.read(await self.raw(session, **values), session.dialect)

    def read(self, found: Sequence[Row], dialect: sa.Dialect) -> list[Any]:
        """The same of what the driver has. Any: the same."""
        if not found:
            return []
        read = self._for(dialect)[1]
        return [read(row) for row in found]

    async def raw(self, session: AnyConnection, **values: object) -> Sequence[Row]:
        """The same, as the driver has them."""
        if isinstance(session, AsyncConnection):
            session = await DriverConnection.within(session)
        return await session.run(self._for(session.dialect)[0], values)

    def compiled(self, dialect: sa.Dialect) -> Statement:
        """The statement as the driver takes it."""
        return self._for(dialect)[0]

    def _for(self, dialect: sa.Dialect) -> "tuple[Statement, _Read]":
        made = self._compiled.get(dialect.name)
        if made is None:
            self._compiled[dialect.name] = made = (self._compile(dialect), self._reader(dialect))
        return made

    def _compile(self, dialect: sa.Dialect) -> Statement:
        return Statement(self._statement, dialect)

    def _reader(self, dialect: sa.Dialect) -> "_Read":
        columns = self._statement.exported_columns
        made = namedtuple("Row", [str(column.key) for column in columns], rename=True)  # type: ignore[misc]  # noqa: PYI024 - known at run time only
        kinds = [typed(column.type, dialect) for column in columns]
        changed = [(at, kind) for at, kind in enumerate(kinds) if kind is not None]

        def read(row: Sequence[Any]) -> Any:
            values = list(row)
            for at, kind in changed:
                values[at] = kind(values[at])
            return made._make(values)

        return read


class BatchablePrepared(Prepared):
    """One that may run for many at once: see ``BatchableStatement``."""

    def __init__(
        self, statement: sa.Select[Any], change: Callable[[], BatchQuery] | None = None
    ) -> None:
        super().__init__(statement)
        self._repeatable = partial(BatchableStatement, statement, change=change)

    def _compile(self, dialect: sa.Dialect) -> Statement:
        return self._repeatable(dialect)


class Pair:
    """Two statements that are one write: the second runs if the first returns a row.

    For a database that has no statement for both. It runs in a transaction alone.
    """

    def __init__(self, first: Prepared, then: Prepared) -> None:
        self._first = first
        self._then = then

    async def raw(self, session: AnyConnection, **values: object) -> Sequence[Row]:
        """The rows of the first, as the driver has them."""
        if isinstance(session, AsyncConnection):
            session = await DriverConnection.within(session)
        if isinstance(session, LazyConnection):
            message = "a pair of statements needs a transaction"
            raise TypeError(message)
        first, then = (one.compiled(session.dialect) for one in (self._first, self._then))
        return await session.run_pair(first, then, values)


_Read = Callable[[Sequence[Any]], Any]
