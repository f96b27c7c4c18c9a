"""From the feed to cases: each merchant's cases follow its feed.

The position of a merchant's head and the cases up to it are written in one transaction that holds
the head's row: several workers double nothing and miss nothing.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from domain.quality.metrics import VERSION
from jobs.rounds import repeat
from models.journal.cases import rewrite
from models.queries import quality_cases

MERCHANTS: Final = 200
"""Merchants of a round."""

WINDOW: Final = 500
"""Events of a transaction."""

ORDERS: Final = 200
"""Orders of a transaction whose cases are derived anew."""

PAUSE: Final = timedelta(seconds=1)
"""The pause between two rounds: several events of one order are often taken together."""

log = logging.getLogger("aftersales.quality")


async def keep_deriving(database: Database, stop: asyncio.Event) -> None:
    """Derive cases until told to stop."""

    async def catch_up() -> None:
        while await derive(database, stop) and not stop.is_set():
            pass

    await repeat(catch_up, stop, every=PAUSE, log=log, failure="could not derive quality cases")


async def derive(database: Database, stop: asyncio.Event | None = None) -> bool:
    """Bring the cases of merchants up to date; return whether there is more to do at once.

    Raises Overloaded or Unreachable.
    """
    async with database.read() as connection:
        merchants = await quality_cases.find_behind(connection, version=VERSION, most=MERCHANTS)
    is_more = len(merchants) == MERCHANTS
    for merchant_id in merchants:
        if stop is not None and stop.is_set():
            break
        try:
            async with database.write() as connection:
                is_more |= await derive_merchant(connection, merchant_id)
        except (Overloaded, Unreachable):
            raise
        except Exception:  # one merchant's bug must not stop the others
            log.exception("could not derive the quality cases of merchant %s", merchant_id)
    return is_more


async def derive_merchant(connection: AsyncConnection, merchant_id: int) -> bool:
    """Take the next events of a merchant's feed, and the next orders to be derived anew.

    Returns whether there is more to do at once.
    """
    head = await quality_cases.lock_head(connection, merchant_id)
    if head is None:
        # There is none, or another worker holds it.
        return await quality_cases.create_head(connection, merchant_id)
    position, rebuilt_to = head.position, head.rebuilt_to
    is_other = (head.version, head.derived_zone) != (VERSION, head.time_zone)
    if is_other or position < head.purged_to:
        position, rebuilt_to = head.feed_position, 0
    last, changed = await quality_cases.window(connection, merchant_id, after=position, most=WINDOW)
    orders = set(changed)
    if rebuilt_to is not None:
        following = await quality_cases.next_orders(
            connection, merchant_id, after=rebuilt_to, most=ORDERS
        )
        orders.update(following)
        rebuilt_to = following[-1] if len(following) == ORDERS else None
    position = position if last is None else last
    await rewrite(connection, merchant_id, orders, head.time_zone)
    await quality_cases.move_head(
        connection,
        merchant_id,
        position=position,
        rebuilt_to=rebuilt_to,
        version=VERSION,
        time_zone=head.time_zone,
    )
    return rebuilt_to is not None or position < head.feed_position
