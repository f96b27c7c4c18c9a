"""Erasing what is stored of one customer, on request."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.database import Database
from domain.actors import ActorKind
from domain.exports import CLEANED_AFTER, UNFINISHED, ExportError, ExportStatus
from domain.personal_data import ErasureCause
from models.export import exports
from models.idempotency import idempotency_keys
from models.journal.erasure import Erasure, erase_applications, queue_pictures
from models.queries import erasure

_HAS_FILTER: Final = exports.c.order_filter.is_not(None)
BATCH: Final = 50
"""The most applications in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was erased at one merchant. ``uploads`` are pictures that the customer uploaded."""

    merchant_id: int
    erasure: Erasure
    uploads: Collection[str]

    @property
    def is_empty(self) -> bool:
        return not (self.erasure.erased or self.erasure.passed or self.uploads)


async def forget(
    database: Database,
    customer_ref: str,
    *,
    merchant_id: int | None,
    now: datetime,
    is_trial: bool = False,
) -> Sequence[Forgotten]:
    """Erase the customer at one merchant, or at all; tell of those that have something of them.

    ``is_trial`` changes nothing. If it is interrupted, a repetition goes on where it ended.
    """
    merchants = [merchant_id] if merchant_id is not None else await _all_merchants(database)
    results = [
        await _forget(database, merchant, customer_ref, now, is_trial=is_trial)
        for merchant in merchants
    ]
    return [result for result in results if not result.is_empty]


async def _all_merchants(database: Database) -> Sequence[int]:
    merchants: list[int] = []
    while True:
        async with database.read() as connection:
            after = merchants[-1] if merchants else -1
            page = await erasure.merchant_ids(connection, after=after, limit=500)
        if not page:
            return merchants
        merchants += page


async def _forget(
    database: Database, merchant_id: int, customer_ref: str, now: datetime, *, is_trial: bool
) -> Forgotten:
    async with database.read() as connection:
        ids = await erasure.applications_of(connection, merchant_id, customer_ref)
    result = Erasure()
    for start in range(0, len(ids), BATCH):
        async with database.write() as connection:
            part = await erase_applications(
                connection,
                merchant_id,
                ids[start : start + BATCH],
                ErasureCause.REQUEST,
                now=now,
                is_trial=is_trial,
            )
            if part.erased and not is_trial:
                await _end_exports(connection, merchant_id, now)
        result += part
    async with database.write() as connection:
        uploads = await erasure.uploads_of(connection, merchant_id, customer_ref)
        if not is_trial:
            await queue_pictures(connection, merchant_id, uploads, now)
            await _delete_keys(connection, merchant_id, customer_ref)
    return Forgotten(merchant_id=merchant_id, erasure=result, uploads=uploads)


async def _delete_keys(connection: AsyncConnection, merchant_id: int, customer_ref: str) -> None:
    """Delete the customer's idempotency keys, which name the customer as their actor."""
    await connection.execute(
        sa.delete(idempotency_keys).where(
            idempotency_keys.c.merchant_id == merchant_id,
            idempotency_keys.c.actor == f"{ActorKind.CUSTOMER} {customer_ref}",
        )
    )


async def _end_exports(connection: AsyncConnection, merchant_id: int, now: datetime) -> None:
    """Let all files of the merchant expire, and begin anew what is being written.

    Nothing says which files show the customer, or which filters name the customer. So an unfinished
    export with a filter fails, because it cannot go on without.
    """
    table = exports.c
    await connection.execute(
        sa.update(exports)
        .where(table.merchant_id == merchant_id, table.status == ExportStatus.DONE)
        .values(expires_at=now, clean_at=now)
    )
    await connection.execute(
        sa.update(exports)
        .where(
            table.merchant_id == merchant_id,
            table.status.in_(UNFINISHED),
            _HAS_FILTER,
        )
        .values(
            status=ExportStatus.FAILED,
            error=ExportError.INTERRUPTED,
            finished_at=now,
            updated_at=now,
            lease_until=None,
            clean_at=now + CLEANED_AFTER,
        )
    )
    await connection.execute(
        sa.update(exports)
        .where(table.merchant_id == merchant_id, table.status == ExportStatus.RUNNING)
        .values(status=ExportStatus.QUEUED, lease_until=now, updated_at=now)
    )
    await connection.execute(
        sa.update(exports)
        .where(table.merchant_id == merchant_id, _HAS_FILTER)
        .values(order_filter=None)
    )
