"""Deleting old deliveries, and the rows of endpoints that were deleted, a few at a time."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from database.database import Database
from domain.webhooks import KEEP_DELIVERIES
from jobs.rounds import repeat
from models.clock import Clock
from models.queries import old_deliveries
from models.queries.presence import read_present

BATCH: Final = 500
"""The most rows that one transaction deletes, so that other transactions wait only briefly."""
PAUSE: Final = timedelta(minutes=10)
log = logging.getLogger("aftersales.webhooks")


async def keep_deleting(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Delete every ten minutes until told to stop."""

    async def delete() -> None:
        if clock.state().waits is None:
            await delete_old(database, clock.now(), stop)

    await repeat(
        delete, stop, every=PAUSE, log=log, failure="could not delete old webhook deliveries"
    )


async def delete_old(database: Database, now: datetime, stop: asyncio.Event | None = None) -> int:
    """Delete what is older than ``KEEP_DELIVERIES``, and what was deleted; return how many."""
    endpoints = await read_present(database, old_deliveries.find_endpoints)
    total = 0
    for merchant_id, endpoint_id, deleted_at in endpoints:
        before = now if deleted_at is not None else now - KEEP_DELIVERIES
        while stop is None or not stop.is_set():
            async with database.write() as connection:
                count = await old_deliveries.delete(
                    connection, merchant_id, endpoint_id, before=before, most=BATCH
                )
                if count < BATCH and deleted_at is not None:
                    await old_deliveries.delete_endpoint(connection, merchant_id, endpoint_id)
            total += count
            if count < BATCH:
                break
    return total
