"""Erasing the personal data of orders that finished long ago, and the pictures of erased ones."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from database.advisory_lock import lock
from database.database import Database
from domain.exports import UNFINISHED
from domain.personal_data import ErasureCause, months_before
from jobs.rounds import repeat
from models.clock import Clock
from models.evidence import evidence, evidence_uploads, picture_erasures
from models.export import exports
from models.journal.erasure import Erasure, erase_applications
from models.queries import erasure

BATCH: Final = 50
"""The most orders that a transaction looks for: all orders of their applications are locked."""

PICTURES: Final = 1_000
"""The most pictures whose uses are looked for together."""

LEAST_WAIT: Final = timedelta(minutes=5)
"""How long a picture waits: a request that attached it before it was queued has ended by then."""

REMEMBERED: Final = timedelta(days=1)
"""How long the row of an erased picture stays: an upload that stored its file before has ended."""

EVERY: Final = timedelta(minutes=5)
RETAIN_EVERY: Final = timedelta(hours=1)
"""How often all merchants are looked through for old orders."""
log = logging.getLogger("aftersales.retention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What the erasing needs. ``months`` is how long orders are kept; None: for ever.

    ``delete_file`` deletes a merchant's picture from the store, if it is there.
    """

    database: Database
    clock: Clock
    delete_file: Callable[[int, str], Awaitable[None]]
    months: int | None = None


async def keep_erasing(retention: Retention, stop: asyncio.Event) -> None:
    """Erase old orders every hour and pictures every five minutes, until told to stop."""
    next_at: datetime | None = None

    async def erase() -> None:
        nonlocal next_at
        if retention.clock.state().waits is not None:
            return  # with a wrong time it would erase what is to be kept
        now = retention.clock.now()
        if retention.months is not None and (next_at is None or now >= next_at):
            count = await erase_finished(retention.database, now, retention.months, stop)
            next_at = now + RETAIN_EVERY
            if count:
                log.info("erased the personal data of %s orders", count)
        count = await erase_pictures(retention, now, stop)
        if count:
            log.info("erased %s pictures", count)

    await repeat(erase, stop, every=EVERY, log=log, failure="could not erase personal data")


async def erase_finished(
    database: Database,
    now: datetime,
    months: int,
    stop: asyncio.Event | None = None,
    *,
    batch: int = BATCH,
) -> int:
    """Erase the orders that finished before so many months, in batches; return how many.

    A batch is one transaction of one merchant. What is passed over is looked at again in the next
    round.
    """
    by, count = months_before(now, months), 0
    async for merchant_id in _merchants(database, stop):
        await _forget_filters(database, merchant_id, by)
        after: erasure.Position | None = None
        while not _stops(stop):
            async with database.read() as connection:
                ids, after = await erasure.finished_orders(
                    connection, merchant_id, by=by, after=after, limit=batch
                )
            if not ids:
                break
            count += len((await _erase(database, merchant_id, ids, now, by)).erased)
    return count


async def _erase(
    database: Database, merchant_id: int, ids: Sequence[int], now: datetime, by: datetime
) -> Erasure:
    async with database.write() as connection:
        return await erase_applications(
            connection, merchant_id, ids, ErasureCause.RETENTION, now=now, finished_by=by
        )


async def erase_pictures(
    retention: Retention, now: datetime, stop: asyncio.Event | None = None
) -> int:
    """Erase the pictures that wait for it and that no order uses; return how many."""
    database, count = retention.database, 0
    async with database.read() as connection:
        merchants = await erasure.merchants_with_queue(connection)
    for merchant_id in merchants:
        async with database.read() as connection:
            waiting = await erasure.queued_pictures(
                connection, merchant_id, before=now - LEAST_WAIT, limit=PICTURES
            )
        used = await _used(database, merchant_id, set(waiting)) if waiting else set()
        for sha256 in waiting:
            if _stops(stop):
                return count
            count += await _settle(retention, merchant_id, sha256, now, is_used=sha256 in used)
        async with database.write() as connection:
            await connection.execute(
                sa.delete(picture_erasures).where(
                    picture_erasures.c.merchant_id == merchant_id,
                    picture_erasures.c.erased_at <= now - REMEMBERED,
                )
            )
    return count


async def _used(database: Database, merchant_id: int, wanted: set[str]) -> set[str]:
    used, after = set[str](), -1
    while True:
        async with database.read() as connection:
            found, last = await erasure.used_pictures(
                connection, merchant_id, after=after, wanted=wanted
            )
        if last is None:
            return used
        used |= found
        after = last


async def _settle(
    retention: Retention, merchant_id: int, sha256: str, now: datetime, *, is_used: bool
) -> bool:
    """Erase a picture, or take it from the queue if an order uses it. Whether it was erased.

    Under the lock of uploads of the same bytes: whoever uploads them finds the picture either still
    whole and takes it from the queue, or gone and stores it again.
    """
    queue = picture_erasures.c
    key = (queue.merchant_id == merchant_id, queue.sha256 == sha256)
    async with retention.database.write() as connection:
        await lock(connection, "evidence", merchant_id, sha256)
        if is_used:
            await erasure.delete_uploads(connection, merchant_id, sha256)
            await connection.execute(
                sa.delete(picture_erasures).where(*key, queue.erased_at.is_(None))
            )
            return False
        taken = await connection.execute(
            sa.update(picture_erasures).where(*key, queue.erased_at.is_(None)).values(erased_at=now)
        )
        if not taken.rowcount:
            return False
        for table in (evidence_uploads, evidence):
            await connection.execute(
                sa.delete(table).where(table.c.merchant_id == merchant_id, table.c.sha256 == sha256)
            )
        # Within the transaction: if the store is away, the picture stays in the queue.
        await retention.delete_file(merchant_id, sha256)
    return True


async def _forget_filters(database: Database, merchant_id: int, by: datetime) -> None:
    """Erase the filters of old exports: one may name a customer."""
    table = exports.c
    where = (
        table.merchant_id == merchant_id,
        table.finished_at <= by,
        table.order_filter.is_not(None),
        table.status.not_in(UNFINISHED),
    )
    async with database.read() as connection:
        rows = await connection.execute(sa.select(table.id).where(*where).limit(1))
    if rows.first() is not None:
        async with database.write() as connection:
            await connection.execute(sa.update(exports).where(*where).values(order_filter=None))


async def _merchants(database: Database, stop: asyncio.Event | None) -> AsyncIterator[int]:
    after = -1
    while not _stops(stop):
        async with database.read() as connection:
            ids = await erasure.merchant_ids(connection, after=after, limit=500)
        for after in ids:
            if _stops(stop):
                return
            yield after
        if not ids:
            return


def _stops(stop: asyncio.Event | None) -> bool:
    return stop is not None and stop.is_set()
