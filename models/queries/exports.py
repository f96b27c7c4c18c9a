"""Finding exports, claiming one to run it, and recording how far it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection, BatchablePrepared
from domain.exports import UNFINISHED, ExportStatus
from models.export import exports
from models.queries.presence import of_present

Row = sa.Row[*tuple[Any, ...]]
"""A row of the table. Any: SQLAlchemy types rows by their statement."""

_TABLE: Final = exports.c
_UNFINISHED: Final = _TABLE.status.in_(
    # The condition of the indexes, word for word: parameters would hide that it is the same.
    [sa.literal_column(f"'{status}'") for status in UNFINISHED]
)


async def find(connection: AsyncConnection, merchant_id: int, id_: int) -> Row | None:
    statement = sa.select(exports).where(_TABLE.merchant_id == merchant_id, _TABLE.id == id_)
    return (await connection.execute(statement)).one_or_none()


async def progress(connection: AnyConnection, merchant_id: int, id_: int) -> Row | None:
    """The status and ``updated_at`` of an export, for those who watch it."""
    rows = await _PROGRESS.all(connection, merchant=merchant_id, id=id_)
    return rows[0] if rows else None


_PROGRESS: Final = BatchablePrepared(
    sa.select(_TABLE.status, _TABLE.updated_at).where(
        _TABLE.merchant_id == sa.bindparam("merchant"), _TABLE.id == sa.bindparam("id")
    )
)


async def count_unfinished(connection: AsyncConnection, merchant_id: int) -> int:
    statement = sa.select(sa.func.count()).where(_TABLE.merchant_id == merchant_id, _UNFINISHED)
    return int(await connection.scalar(statement) or 0)


async def find_waiting(connection: AsyncConnection, now: datetime, *, limit: int) -> Sequence[Row]:
    """Exports of any merchant that nobody runs, those that have waited longest first."""
    statement = (
        sa.select(exports)
        .where(_UNFINISHED, _TABLE.lease_until <= now)
        .order_by(_TABLE.lease_until)
        .limit(limit)
    )
    of = of_present(connection, statement, _TABLE.merchant_id)
    return (await connection.execute(of)).all()


async def find_to_clean(connection: AsyncConnection, now: datetime, *, limit: int) -> Sequence[Row]:
    """Exports of any merchant whose files are to be deleted."""
    statement = (
        sa.select(exports).where(_TABLE.clean_at <= now).order_by(_TABLE.clean_at).limit(limit)
    )
    of = of_present(connection, statement, _TABLE.merchant_id)
    return (await connection.execute(of)).all()


async def change(
    connection: AsyncConnection,
    row: Row,
    *,
    statuses: Collection[ExportStatus],
    **values: object,
) -> bool:
    """Change an export that is in one of the statuses, unless it was begun again since.

    False, and nothing is changed, if it is in another status or another attempt runs it.
    """
    result = await connection.execute(
        sa.update(exports)
        .where(
            _TABLE.merchant_id == row.merchant_id,
            _TABLE.id == row.id,
            _TABLE.attempt == row.attempt,
            _TABLE.status.in_(statuses),
        )
        .values(**values)
    )
    return result.rowcount == 1
