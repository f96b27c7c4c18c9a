"""Finding merchants, their default addresses, and numbers of their rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection, BatchablePrepared
from domain.enrolment import EnrolmentStatus
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.merchant import merchants, return_addresses


async def get(connection: AsyncConnection, merchant_id: int) -> sa.Row[Any]:
    """Raises Refused(NotFound)."""
    query = sa.select(merchants).where(merchants.c.id == merchant_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise Refused(NotFound(kind="Merchant", path=("merchantId",)))
    return row


async def enrolments(
    connection: AsyncConnection, merchant_ids: Sequence[int]
) -> Mapping[int, EnrolmentStatus]:
    """The enrolment statuses of merchants."""
    rows = await connection.execute(
        sa.select(merchants.c.id, merchants.c.enrolment).where(merchants.c.id.in_(merchant_ids))
    )
    return {row.id: row.enrolment for row in rows}


async def enrolment(connection: AnyConnection, merchant_id: int) -> EnrolmentStatus | None:
    """The enrolment status of a merchant. None if there is no such merchant."""
    rows = await _ENROLMENT.all(connection, merchant=merchant_id)
    return rows[0].enrolment if rows else None


_ENROLMENT: Final = BatchablePrepared(
    sa.select(merchants.c.enrolment).where(merchants.c.id == sa.bindparam("merchant"))
)


async def find_default_address(connection: AsyncConnection, merchant_id: int) -> int | None:
    """The id of the merchant's default return address."""
    ids = await connection.execute(
        sa.select(return_addresses.c.id).where(
            return_addresses.c.merchant_id == merchant_id, return_addresses.c.is_default
        )
    )
    return ids.scalar_one_or_none()


async def latest_number(connection: AsyncConnection, table: sa.Table, merchant_id: int) -> int:
    """The highest number in a table that numbers a merchant's rows; 0 if it has none."""
    number = await connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(table.c.number), 0)).where(
            table.c.merchant_id == merchant_id
        )
    )
    return int(number.scalar_one())
