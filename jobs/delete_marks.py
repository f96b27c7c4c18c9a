"""Deleting the write marks that no replica needs any more."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from database.database import Database
from jobs.rounds import repeat
from models.write_mark import delete_expired

PAUSE: Final = timedelta(hours=1)
log = logging.getLogger("aftersales.clock")


async def keep_deleting(database: Database, stop: asyncio.Event) -> None:
    """Delete every hour until told to stop, if there is a replica."""

    async def delete() -> None:
        async with database.write() as connection:
            await delete_expired(connection)

    if database.replica is not None:
        await repeat(delete, stop, every=PAUSE, log=log, failure="could not delete write marks")
