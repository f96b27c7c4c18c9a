"""Reading and adding up the counts of failed sign-ins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from models.accounts import throttles


@dataclass(frozen=True, slots=True)
class Failures:
    """The count of failures in the window that began at ``since``."""

    count: int
    since: datetime

    def after(self, earlier: "Failures | None", cutoff: datetime) -> "Failures":
        """The sum of both, or this count alone if the earlier window began by the ``cutoff``."""
        if earlier is None or earlier.since <= cutoff:
            return self
        return Failures(self.count + earlier.count, min(self.since, earlier.since))


async def read(
    connection: AsyncConnection, keys: Sequence[str], *, since: datetime
) -> dict[str, Failures]:
    """The counts whose window began after ``since``."""
    rows = await connection.execute(
        sa.select(throttles).where(throttles.c.key.in_(keys), throttles.c.window_started_at > since)
    )
    return {row.key: Failures(row.failures, row.window_started_at) for row in rows}


async def add(
    connection: AsyncConnection, counts: Mapping[str, Failures], *, before: datetime
) -> None:
    """Add to the stored counts, and delete those whose window began by ``before``.

    One process at a time, or two could deadlock by locking the same rows in different orders.
    """
    await lock(connection, "sign-in failures")
    await connection.execute(sa.delete(throttles).where(throttles.c.window_started_at <= before))
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(throttles)
    upsert = statement.on_conflict_do_update(
        index_elements=[throttles.c.key],
        set_={"failures": throttles.c.failures + statement.excluded.failures},
    )
    rows = [
        {"key": key, "failures": counts[key].count, "window_started_at": counts[key].since}
        for key in counts
    ]
    await connection.execute(upsert, rows)


async def delete(connection: AsyncConnection, keys: Sequence[str]) -> None:
    await connection.execute(sa.delete(throttles).where(throttles.c.key.in_(keys)))
