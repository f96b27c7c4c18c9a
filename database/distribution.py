"""Whether the database distributes its tables over several machines, by Citus.

A few statements depend on it: Citus refuses some forms, and commits a statement that writes two
tables by two-phase commit.
"""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_ATTRIBUTE: Final = "aftersales_distribution"
_HAS_CITUS: Final = "SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"
_IS_DISTRIBUTED: Final = (
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_dist_partition WHERE partmethod = 'h')"
)


@dataclass(slots=True)
class Distribution:
    """Known from the setting, or from the first connection of any engine of a database."""

    is_distributed: bool = False
    is_known: bool = False

    @classmethod
    def of(cls, setting: bool | None) -> "Distribution":  # noqa: FBT001 - the setting as it is
        return cls(is_distributed=bool(setting), is_known=setting is not None)


_PLAIN: Final = Distribution(is_known=True)


def is_distributed(dialect: sa.Dialect) -> bool:
    """Whether connections of the dialect reach a database that is distributed."""
    distribution: Distribution = getattr(dialect, _ATTRIBUTE, _PLAIN)
    return distribution.is_distributed


def watch(engine: AsyncEngine, distribution: Distribution) -> None:
    """Attach the distribution to a PostgreSQL engine; its first connection finds out, if needed."""
    setattr(engine.dialect, _ATTRIBUTE, distribution)
    if distribution.is_known:
        return

    @event.listens_for(engine.sync_engine, "connect")
    def find_out(connection: Any, _record: object) -> None:  # Any: the driver's adapter
        if distribution.is_known:
            return
        distribution.is_distributed = _asks(connection, _HAS_CITUS) and _asks(
            connection, _IS_DISTRIBUTED
        )
        distribution.is_known = True
        connection.rollback()


def _asks(connection: Any, question: str) -> bool:
    cursor = connection.cursor()
    try:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])
    finally:
        cursor.close()
