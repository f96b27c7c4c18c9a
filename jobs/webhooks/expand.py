"""From the feed to deliveries: each endpoint follows its merchant's feed.

The position of an endpoint and the deliveries up to it are written in one transaction that holds
the endpoint's row: several workers double nothing and miss nothing.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from domain.feed import EventFilter
from domain.webhooks import DeliveryStatus, due_with_new, message_type
from models.ids import new_id
from models.queries import deliveries, feed, webhooks
from models.queries.presence import read_present

MERCHANTS: Final = 200
"""Merchants of a round."""

WINDOW: Final = 200
"""Events of a transaction for each endpoint."""

log = logging.getLogger("aftersales.webhooks")


async def expand(database: Database, now: datetime, stop: asyncio.Event | None = None) -> int:
    """Create the deliveries of new events of all merchants; return how many events were read.

    Raises Overloaded or Unreachable.
    """
    merchants = await read_present(database, partial(webhooks.find_behind, most=MERCHANTS))
    total = 0
    for merchant_id in merchants:
        if stop is not None and stop.is_set():
            break
        try:
            async with database.write() as connection:
                total += await _expand_merchant(connection, merchant_id, now)
        except (Overloaded, Unreachable):
            raise
        except Exception:  # one merchant's bug must not stop the others
            log.exception("could not create the webhook deliveries of merchant %s", merchant_id)
    return total


async def _expand_merchant(connection: AsyncConnection, merchant_id: int, now: datetime) -> int:
    endpoints = await webhooks.enabled_of(connection, merchant_id)
    windows: dict[int, Sequence[feed.FeedRow]] = {}
    for endpoint in endpoints:
        after = endpoint.position
        if after not in windows:
            windows[after] = await feed.window(connection, merchant_id, after=after, limit=WINDOW)
        rows = windows[after]
        if not rows:
            continue
        wanted = EventFilter(kinds=endpoint.kinds)
        new = [_delivery(endpoint.id, row, now) for row in rows if wanted.matches(row)]
        await deliveries.insert(connection, new)
        due_at = due_with_new(endpoint.due_at, endpoint.failures, now) if new else endpoint.due_at
        await webhooks.update(
            connection, merchant_id, endpoint.id, position=rows[-1].position, due_at=due_at
        )
    return sum(map(len, windows.values()))


def _delivery(
    endpoint_id: int, row: feed.FeedRow, now: datetime
) -> Mapping[str, Any]:  # Any: of the columns
    return {
        "merchant_id": row.merchant_id,
        "endpoint_id": endpoint_id,
        "id": new_id(),
        "type": message_type(row.kind),
        "occurred_at": row.at,
        "service_order_id": row.service_order_id,
        "sequence": row.sequence,
        "position": row.position,
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
    }
