"""From the feed to cases: each merchant's cases follow its feed.

The positions of merchants' heads and the cases up to them are written in one transaction that holds
the heads' rows: several workers double nothing and miss nothing.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final, NamedTuple

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from database.prepared import AnyConnection
from domain.quality.cases import RELEVANT
from domain.quality.metrics import VERSION
from jobs.rounds import repeat
from models.journal.cases import rewrite
from models.queries import quality_cases
from models.queries.presence import read_present
from models.queries.quality_cases import Head, Move
from watching.tracing import TRACING

MERCHANTS: Final = 200
"""Merchants of a round."""

TOGETHER: Final = 50
"""Merchants of a transaction: the same statements serve them all."""

WINDOW: Final = 500
"""Events of a transaction, or a few more."""

ORDERS: Final = 200
"""Orders of a transaction whose cases are derived anew, or a few more."""

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
    merchants = await _find_behind(database)
    is_more = len(merchants) == MERCHANTS
    # Where tables are distributed, a transaction locks and writes rows of one machine.
    together = 1 if database.is_distributed else TOGETHER
    for start in range(0, len(merchants), together):
        if stop is not None and stop.is_set():
            break
        is_more |= await _derive(database, merchants[start : start + together])
    return is_more


async def _find_behind(database: Database) -> Sequence[int]:
    if database.is_distributed:
        find = partial(quality_cases.find_present_behind, version=VERSION, most=MERCHANTS)
        return await read_present(database, find)
    async with database.read_prepared() as connection:
        return await quality_cases.find_behind(connection, version=VERSION, most=MERCHANTS)


async def _derive(database: Database, merchants: Sequence[int]) -> bool:
    try:
        with TRACING.job("quality cases"):
            async with database.write_prepared() as connection:
                return await derive_merchants(connection, merchants)
    except (Overloaded, Unreachable):
        raise
    except Exception:
        # One merchant's bug must not stop the others.
        log.exception("could not derive the quality cases of merchants %s", merchants)
    if len(merchants) == 1:
        return False
    is_more = False
    for merchant_id in merchants:
        is_more |= await _derive(database, [merchant_id])
    return is_more


async def derive_merchants(connection: AnyConnection, merchants: Sequence[int]) -> bool:
    """Take the next events of merchants' feeds, and the next orders to be derived anew.

    Returns whether there is more to do at once.
    """
    heads = await quality_cases.lock_heads(connection, merchants)
    others = set(merchants) - heads.keys()
    # There is none, or another worker holds it.
    has_created = bool(others) and await quality_cases.create_heads(connection, others)
    starts = {merchant_id: _start(head) for merchant_id, head in heads.items()}
    if any(start.rebuilt_to is not None for start in starts.values()):
        await quality_cases.plan_anew(connection)
    placed = await quality_cases.window(
        connection,
        {merchant_id: start.position for merchant_id, start in starts.items()},
        most=max(1, WINDOW // max(1, len(starts))),
    )
    ends = {event.merchant_id: event.position for event in placed}  # ascending: the last is kept
    orders = {event.order_key for event in placed if event.kind in RELEVANT}
    rebuilt = await _next_orders(connection, starts)
    for merchant_id, (following, _) in rebuilt.items():
        orders.update((merchant_id, order) for order in following)
    zones = {merchant_id: head.time_zone for merchant_id, head in heads.items()}
    await rewrite(connection, orders, zones)
    moves = {
        merchant_id: Move(
            position=ends.get(merchant_id, start.position),
            rebuilt_to=rebuilt[merchant_id][1] if merchant_id in rebuilt else None,
            version=VERSION,
            time_zone=zones[merchant_id],
        )
        for merchant_id, start in starts.items()
    }
    await quality_cases.move_heads(connection, moves)
    return has_created or any(
        move.rebuilt_to is not None or move.position < heads[merchant_id].feed_position
        for merchant_id, move in moves.items()
    )


class _Place(NamedTuple):
    """How far it is: in the feed, and with the orders that are derived anew."""

    position: int
    rebuilt_to: int | None


def _start(head: Head) -> _Place:
    is_other = (head.version, head.derived_zone) != (VERSION, head.time_zone)
    if is_other or head.position < head.purged_to:
        return _Place(head.feed_position, 0)
    return _Place(head.position, head.rebuilt_to)


async def _next_orders(
    connection: AnyConnection, starts: Mapping[int, _Place]
) -> Mapping[int, tuple[Sequence[int], int | None]]:
    """The next orders to be derived anew, by merchant, and the last one; None after all."""
    rebuilding = {
        merchant_id: start.rebuilt_to
        for merchant_id, start in starts.items()
        if start.rebuilt_to is not None
    }
    most = max(1, ORDERS // max(1, len(rebuilding)))
    found: dict[int, tuple[Sequence[int], int | None]] = {}
    for merchant_id, after in rebuilding.items():
        orders = await quality_cases.next_orders(connection, merchant_id, after=after, most=most)
        found[merchant_id] = (orders, orders[-1] if len(orders) == most else None)
    return found
