"""Deleting expired idempotency keys, a few at a time.

Nothing depends on when this happens: an expired key is free, whether its row is deleted or not.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from database.database import Database
from jobs.rounds import repeat
from models import idempotency_claims
from models.clock import Clock

BATCH: Final = 500
"""The most rows that one transaction deletes, so that other transactions wait only briefly."""
PAUSE: Final = timedelta(minutes=1)
log = logging.getLogger("aftersales.clock")


async def keep_deleting(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Delete every minute until told to stop."""

    async def delete() -> None:
        # With a wrong time it would delete keys that clients still rely on.
        is_reliable = clock.state().waits is None
        if is_reliable and (count := await delete_expired(database, clock.now(), stop)):
            log.info("deleted %s idempotency keys", count)

    await repeat(
        delete, stop, every=PAUSE, log=log, failure="could not delete expired idempotency keys"
    )


async def delete_expired(
    database: Database, now: datetime, stop: asyncio.Event | None = None
) -> int:
    """Delete the keys that have expired at ``now``, in batches; return how many."""
    total = 0
    while stop is None or not stop.is_set():
        async with database.write() as connection:
            count = await idempotency_claims.delete_expired(connection, now=now, limit=BATCH)
        total += count
        # Where tables are distributed, a batch is of one merchant.
        if count == 0 or (count < BATCH and not database.is_distributed):
            break
    return total
