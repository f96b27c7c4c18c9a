"""The stream of the log of alerts."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Final, NamedTuple

from database.shared_reads import SharedReads
from domain.refusals.feed import CursorExpired
from domain.refusals.refusal import Refused
from models.queries import alerts
from models.queries.alerts import LogKey
from resolvers.context import Context
from resolvers.feed.streams import work_for

LOOK_EVERY_S: Final = 1.0
WINDOW: Final = 100
"""The most entries that a stream reads at once."""


class StreamedAlerts(NamedTuple):
    """Entries of the log, and reads that show them."""

    keys: Sequence[LogKey]
    reads: SharedReads


async def stream_alerts(
    context: Context, merchant_id: int | None, after: int | None
) -> AsyncGenerator[StreamedAlerts, None]:
    """The entries after a position of a merchant, or of all; without one, those from now on.

    Alerts are rare and have no notification: each stream looks once a second. Raises Refused for a
    position that this log does not have, for instance after a failover.
    """
    database = context.services.database
    # The platform can go on after a cursor of the log of all merchants with one of them.
    log = merchant_id if context.viewer.merchant_id is not None else None
    async with database.stream_turn:
        await work_for(context, merchant_id)
        async with database.read_prepared() as connection:
            last = await alerts.last_position(connection, log)
    if after is not None and after > last:
        raise Refused(CursorExpired(path=("after",)))
    position = last if after is None else after
    while True:
        async with database.stream_turn, database.read_prepared() as connection:
            keys = await alerts.window(connection, merchant_id, after=position, most=WINDOW)
        if keys:
            position = keys[-1].position
            yield StreamedAlerts(keys, database.shared_reads())
        if len(keys) < WINDOW:
            await asyncio.sleep(LOOK_EVERY_S)
