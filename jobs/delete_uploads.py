"""Deleting what was sent to the addresses of uploads, once it cannot become evidence any more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from jobs.rounds import repeat

PAUSE: Final = timedelta(minutes=10)
log: Final = logging.getLogger("aftersales.pictures")


async def keep_deleting(
    delete_old: Callable[[datetime], Awaitable[int]], stop: asyncio.Event
) -> None:
    """Delete every ten minutes until told to stop. Any number of processes may do so.

    ``delete_old`` deletes what is old at a time, and returns the number of files.
    """

    async def delete() -> None:
        # Files have the time of the store's clock, which no sandbox moves.
        count = await delete_old(datetime.now(UTC))
        if count:
            log.info("deleted %s uploads", count)

    await repeat(delete, stop, every=PAUSE, log=log, failure="could not delete old uploads")
