"""Rows by the driver of an open connection, for tests that have tables of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.compiled import Row, Statement


@dataclass
class ConnectionRows:
    """Sees what the connection sees, and remembers the statements that ran."""

    connection: AsyncConnection
    statements: list[str] = field(default_factory=list)

    @property
    def dialect(self) -> sa.Dialect:
        return self.connection.dialect

    async def run(self, statement: Statement, given: Mapping[str, Any]) -> Sequence[Row]:
        self.statements.append(statement.text)
        raw = await self.connection.get_raw_connection()
        assert raw.driver_connection is not None
        values = statement.values(given)
        rows: Sequence[Row] = await raw.driver_connection.execute_fetchall(statement.text, values)
        return rows

    async def ensure_transaction(self) -> None:
        """There is but one connection, and nobody else to write."""
