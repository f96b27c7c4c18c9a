"""Readiness: whether the database can be used, in words for an operator."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.connection_limiter import Overloaded, TooSlow
from database.database import Database
from database.outages import Outage
from models.schema_version import Standing, standing_of

LONGEST_LOOK: Final = timedelta(seconds=3)
"""The time after which a database that does not answer counts as silent."""
TRY_EVERY_S: Final = 1.0
"""While writing fails it is tried this often, however often readiness is asked."""
OVERLOADED: Final = "overloaded"

_TAKES_NO_WRITES: Final = sa.text(
    "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean"
)
_TRIAL: Final = {
    # A new table needs new space on the disk; an existing one may have space left in its file.
    "postgresql": (
        "CREATE TEMPORARY TABLE aftersales_trial (filling TEXT) ON COMMIT DROP",
        "INSERT INTO aftersales_trial SELECT repeat('x', 1000) FROM generate_series(1, 100)",
    ),
    # More than the cache holds, so that it is written to the disk before the transaction ends.
    "sqlite": (
        "PRAGMA cache_size = 8",
        "CREATE TABLE aftersales_trial (filling BLOB)",
        "INSERT INTO aftersales_trial VALUES (zeroblob(262144))",
    ),
}


@dataclass(slots=True)
class Health:
    """Finds out whether the database lets this server work."""

    database: Database
    _tried_at: float = -TRY_EVERY_S

    async def find_problem(self) -> str | None:
        """Why requests cannot be served; None if they can.

        Usually this only reads: PostgreSQL's settings say whether it takes writes. Writing is tried
        only after a writing transaction has failed, and until one succeeds.
        """
        availability = self.database.availability
        try:
            async with asyncio.timeout(LONGEST_LOOK.total_seconds()):
                return await self._look() or await self._try_writing()
        except Unreachable as unreachable:
            return unreachable.outage
        except (TimeoutError, TooSlow):
            availability.record_failure(Unreachable(outage=Outage.SILENT), writes=False)
            return Outage.SILENT
        except Overloaded:
            return availability.outage or OVERLOADED

    async def _look(self) -> str | None:
        async with self.database.read(vital=True) as connection:
            standing = await connection.run_sync(standing_of)
            if not self.database.is_sqlite:
                await _demand_writable(connection)
        return None if standing in {Standing.CURRENT, Standing.AHEAD} else standing

    async def _try_writing(self) -> str | None:
        availability = self.database.availability
        if not availability.stops_writing:
            return None
        if time.monotonic() - self._tried_at < TRY_EVERY_S:
            return availability.outage
        self._tried_at = time.monotonic()
        async with self.database.trial() as connection:
            for statement in _TRIAL[connection.dialect.name]:
                await connection.exec_driver_sql(statement)
        availability.recover(writes=True)
        return None


async def _demand_writable(connection: AsyncConnection) -> None:
    """Raises Unreachable on a standby, and if an operator has forbidden writes."""
    if (await connection.execute(_TAKES_NO_WRITES)).scalar_one():
        await connection.invalidate()  # a setting is read when a session begins
        raise Unreachable(outage=Outage.READ_ONLY)
