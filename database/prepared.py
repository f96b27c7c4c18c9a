"""Prepared statements: compiled once, for the statements that most requests need."""

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase

from database.autocommit import Autocommit
from database.batch_statement import BatchableStatement, BatchQuery
from database.compiled import Row, Statement, result_processor
from database.driver_connection import DriverConnection
from database.lazy_connection import LazyConnection
from database.shared_reads import SharedReads

AnyConnection = AsyncConnection | DriverConnection | LazyConnection | Autocommit | SharedReads
"""Where a prepared statement can run: SQLAlchemy's connection, or one of the driver's."""


class Prepared:
    """A statement with named parameters; its columns come as Python's values.

    It runs directly on the driver, within the transaction of the connection if there is one.
    """

    def __init__(self, statement: sa.Select[Any] | UpdateBase) -> None:
        self._statement = statement
        self._by_dialect: dict[str, tuple[Statement, _Reader]] = {}

    async def all(self, connection: AnyConnection, **parameters: object) -> list[Any]:
        """The rows, as named tuples. Any: of the columns that the statement selects."""
        return self.read(await self.raw(connection, **parameters), connection.dialect)

    def read(self, rows: Sequence[Row], dialect: sa.Dialect) -> list[Any]:
        """The driver's rows as named tuples. Any: see ``all``."""
        if not rows:
            return []
        read = self._for(dialect)[1]
        return [read(row) for row in rows]

    async def raw(self, connection: AnyConnection, **parameters: object) -> Sequence[Row]:
        """The driver's own rows."""
        if isinstance(connection, AsyncConnection):
            connection = await DriverConnection.within(connection)
        return await connection.run(self._for(connection.dialect)[0], parameters)

    def compiled(self, dialect: sa.Dialect) -> Statement:
        """The statement in the driver's form."""
        return self._for(dialect)[0]

    def _for(self, dialect: sa.Dialect) -> "tuple[Statement, _Reader]":
        compiled = self._by_dialect.get(dialect.name)
        if compiled is None:
            compiled = (self._compile(dialect), self._reader(dialect))
            self._by_dialect[dialect.name] = compiled
        return compiled

    def _compile(self, dialect: sa.Dialect) -> Statement:
        return Statement(self._statement, dialect)

    def _reader(self, dialect: sa.Dialect) -> "_Reader":
        columns = self._statement.exported_columns
        row_type = namedtuple("Row", [str(column.key) for column in columns], rename=True)  # type: ignore[misc]  # noqa: PYI024 - known at run time only
        processors = [result_processor(column.type, dialect) for column in columns]
        conversions = [
            (index, processor) for index, processor in enumerate(processors) if processor
        ]

        def read(row: Sequence[Any]) -> Any:
            values = list(row)
            for index, convert in conversions:
                values[index] = convert(values[index])
            return row_type._make(values)

        return read


class BatchablePrepared(Prepared):
    """A prepared statement that can run for many requests at once: see ``BatchableStatement``."""

    def __init__(
        self, statement: sa.Select[Any], change: Callable[[], BatchQuery] | None = None
    ) -> None:
        super().__init__(statement)
        self._batchable = partial(BatchableStatement, statement, change=change)

    def _compile(self, dialect: sa.Dialect) -> Statement:
        return self._batchable(dialect)


class Pair:
    """Two or more statements that are one write: the others run if the first returns a row.

    For SQLite, which cannot do all in one statement. A pair needs a transaction.
    """

    def __init__(self, first: Prepared, second: Prepared, *more: Prepared) -> None:
        self._first = first
        self._others = (second, *more)

    async def raw(self, connection: AnyConnection, **parameters: object) -> Sequence[Row]:
        """The driver's own rows of the first statement."""
        if isinstance(connection, AsyncConnection):
            connection = await DriverConnection.within(connection)
        if isinstance(connection, LazyConnection | SharedReads):
            message = "a pair of statements needs a transaction"
            raise TypeError(message)
        first = self._first.compiled(connection.dialect)
        others = [other.compiled(connection.dialect) for other in self._others]
        return await connection.run_pair(first, others, parameters)


_Reader = Callable[[Sequence[Any]], Any]
