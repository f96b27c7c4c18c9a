"""Watching an export until it is over."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Final

from database.shared_reads import SharedReads
from domain.exports import UNFINISHED
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.queries import exports
from resolvers.context import Context

LOOK_EVERY_S: Final = 1.0


async def stream_export(
    context: Context, merchant_id: int, id_: int
) -> AsyncGenerator[tuple[datetime, SharedReads], None]:
    """Yield when the export has changed, at most once a second; the last time when it is over.

    Yields the time of the change, and reads that show it. Raises Refused if the merchant has no
    such export.
    """
    database, last = context.services.database, None
    while True:
        async with database.stream_turn, database.read_prepared() as connection:
            progress = await exports.progress(connection, merchant_id, id_)
        if progress is None:
            raise Refused(NotFound(kind="Export", path=("id",)))
        if progress != last:
            last = progress
            yield progress.updated_at, database.shared_reads()
        if progress.status not in UNFINISHED:
            return
        await asyncio.sleep(LOOK_EVERY_S)
