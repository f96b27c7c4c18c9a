"""Deleting the idempotency keys that stand for nothing any more, a few at a time.

None waits for it: a key that is too old is free, whether its row is gone or not.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from models.clock import Clock
from models.idempotency_claims import delete_expired

BATCH: Final = 500
"""How many rows one transaction deletes, so that nobody waits long for it."""
PAUSE: Final = timedelta(minutes=1)
log = logging.getLogger("aftersales.clock")


async def keep_forgetting(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Every minute, until told to stop. A failed round is logged: what is old stays old."""
    while not stop.is_set():
        try:
            now = clock.now()
            # By a time that is wrong, keys would go that clients still rely on.
            if clock.state().waits is None and (gone := await forget_keys(database, now, stop)):
                log.info("forgot %s idempotency keys", gone)
        except (Overloaded, Unreachable):
            pass  # the next round tries again; an outage is in the log already
        except Exception:
            log.exception("could not forget old idempotency keys")
        try:
            async with asyncio.timeout(PAUSE.total_seconds()):
                await stop.wait()
        except TimeoutError:
            continue


async def forget_keys(database: Database, now: datetime, stop: asyncio.Event | None = None) -> int:
    """Delete what is too old at ``now``, a batch a transaction, until nothing is left."""
    total = 0
    while stop is None or not stop.is_set():
        async with database.write() as connection:
            gone = await delete_expired(connection, now=now, limit=BATCH)
        total += gone
        if gone < BATCH:
            break
    return total
