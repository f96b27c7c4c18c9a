"""Giving committed events their places in the feed.

The lock of a merchant's head is held until the places are committed. So a reader who has seen a
position will never see a new event before it, in whatever order the steps commit.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from database.distribution import is_distributed
from database.rowset import rowset
from models.feed import PLATFORM, PLATFORM_LOCK, feed, feed_heads, outbox, platform_feed_heads
from models.queries.presence import of_present

_ROWS: Final = "rows"
_MERCHANT: Final = sa.bindparam("merchant", type_=outbox.c.merchant_id.type)


async def waiting_merchants(
    connection: AsyncConnection, limit: int, *, after: int = 0
) -> Sequence[int]:
    """Merchants that have events in the outbox, in a circle: the first one is that ``after``."""
    waiting = of_present(connection, _WAITING, outbox.c.merchant_id)
    rows = await connection.execute(waiting, {"after": after, "most": limit})
    merchants = list(rows.scalars())
    if after and len(merchants) < limit:
        rows = await connection.execute(waiting, {"after": 0, "most": limit - len(merchants)})
        merchants += [merchant_id for merchant_id in rows.scalars() if merchant_id <= after]
    return merchants


async def create_heads(connection: AsyncConnection, merchants: Sequence[int]) -> None:
    """Create the heads of merchants that have none yet.

    In a transaction of its own: an insert waits for another one of the same head, and whoever
    places events must wait for nothing while holding the platform's head.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    insert = (postgresql if is_postgresql else sqlite).insert(feed_heads)
    rows = [{"merchant_id": merchant, "position": 0, "purged_to": 0} for merchant in merchants]
    await connection.execute(insert.on_conflict_do_nothing(), rows)


async def missing_heads(connection: AsyncConnection, merchants: Sequence[int]) -> Sequence[int]:
    """Those of the merchants that have no head yet."""
    rows = await connection.execute(
        sa.select(feed_heads.c.merchant_id).where(feed_heads.c.merchant_id.in_(merchants))
    )
    present = set(rows.scalars())
    return [merchant for merchant in merchants if merchant not in present]


async def place_events(
    connection: AsyncConnection, merchant_id: int, *, limit: int, placed_at: datetime
) -> int:
    """Move events of a merchant from the outbox to the feed; return how many.

    0 if another transaction places this merchant's events just now. The events of one order keep
    their order; all others are placed by the time that they bear.
    """
    if is_distributed(connection.dialect):
        # Held until the merchant's machine has committed too: see ``models.queries.feed.window``.
        await lock(connection, PLATFORM_LOCK)
    head = (await connection.execute(_LOCK_HEAD, {"merchant": merchant_id})).scalar_one_or_none()
    if head is None:
        return 0
    taken = await connection.execute(_TAKE, {"merchant": merchant_id, "most": limit})
    events = sorted(taken.all(), key=lambda row: (row.at, row.service_order_id, row.sequence))
    if not events:
        return 0
    count = len(events)
    advanced = await connection.execute(_ADVANCE_PLATFORM, {"count": count})
    platform = advanced.scalar_one() - count
    rows = [
        {
            "position": head + number,
            "platform_position": platform + number,
            "service_order_id": event.service_order_id,
            "sequence": event.sequence,
        }
        for number, event in enumerate(events, start=1)
    ]
    await connection.execute(
        _insert(connection.dialect.name),
        {_ROWS: rows, "merchant": merchant_id, "placed_at": placed_at},
    )
    await connection.execute(_ADVANCE, {"merchant": merchant_id, "count": count})
    return count


async def purge(connection: AsyncConnection, *, before: datetime, limit: int) -> int:
    """Delete the oldest places, if they are from ``before``; return how many.

    The events themselves stay on their orders' timelines.
    """
    oldest = await connection.execute(_OLDEST, {"before": before, "most": limit})
    rows = oldest.all()
    if not rows:
        return 0
    to_merchant = {row.merchant_id: row.position for row in rows}  # ascending: the last is kept
    for merchant_id, position in sorted(to_merchant.items()):
        parameters = {"merchant": merchant_id, "to": position}
        await connection.execute(_PURGE_HEAD, parameters)
        await connection.execute(_PURGE, parameters)
    await connection.execute(_PURGE_PLATFORM_HEAD, {"to": rows[-1].platform_position})
    return len(rows)


_WAITING: Final = (
    sa.select(outbox.c.merchant_id)
    .where(outbox.c.merchant_id > sa.bindparam("after", type_=outbox.c.merchant_id.type))
    .distinct()
    .order_by(outbox.c.merchant_id)
    .limit(sa.bindparam("most"))
)

_LOCK_HEAD: Final = (
    sa.select(feed_heads.c.position)
    .where(feed_heads.c.merchant_id == _MERCHANT)
    .with_for_update(skip_locked=True)
)

# The lock of the head keeps all others away from these rows.
_TAKE: Final = (
    sa.delete(outbox)
    .where(
        outbox.c.merchant_id == _MERCHANT,
        sa.tuple_(outbox.c.service_order_id, outbox.c.sequence).in_(
            sa.select(outbox.c.service_order_id, outbox.c.sequence)
            .where(outbox.c.merchant_id == _MERCHANT)
            .order_by(outbox.c.service_order_id, outbox.c.sequence)
            .limit(sa.bindparam("most"))
        ),
    )
    .returning(outbox.c.service_order_id, outbox.c.sequence, outbox.c.at)
)

_COUNT: Final = sa.bindparam("count", type_=feed.c.position.type)

_ADVANCE: Final = (
    sa.update(feed_heads)
    .where(feed_heads.c.merchant_id == _MERCHANT)
    .values(position=feed_heads.c.position + _COUNT)
)

_ADVANCE_PLATFORM: Final = (
    sa.update(platform_feed_heads)
    .where(platform_feed_heads.c.id == PLATFORM)
    .values(position=platform_feed_heads.c.position + _COUNT)
    .returning(platform_feed_heads.c.position)
)

_FIRST: Final = (
    sa.select(feed.c.merchant_id, feed.c.position, feed.c.platform_position, feed.c.placed_at)
    .order_by(feed.c.platform_position)
    .limit(sa.bindparam("most"))
    .subquery()
)

# The limit inside: without it, a feed in which nothing is old would be read as a whole.
_OLDEST: Final = (
    sa.select(_FIRST.c.merchant_id, _FIRST.c.position, _FIRST.c.platform_position)
    .where(_FIRST.c.placed_at < sa.bindparam("before", type_=feed.c.placed_at.type))
    .order_by(_FIRST.c.platform_position)
)

_TO: Final = sa.bindparam("to", type_=feed.c.position.type)

_PURGE: Final = sa.delete(feed).where(feed.c.merchant_id == _MERCHANT, feed.c.position <= _TO)

# Never back: another process may have purged more since the rows were read.
_PURGE_HEAD: Final = (
    sa.update(feed_heads)
    .where(feed_heads.c.merchant_id == _MERCHANT, feed_heads.c.purged_to < _TO)
    .values(purged_to=_TO)
)

_PURGE_PLATFORM_HEAD: Final = (
    sa.update(platform_feed_heads)
    .where(platform_feed_heads.c.id == PLATFORM, platform_feed_heads.c.purged_to < _TO)
    .values(purged_to=_TO)
)


@cache
def _insert(dialect: str) -> sa.Insert:
    own = ("position", "platform_position", "service_order_id", "sequence")
    rows = rowset(dialect, _ROWS, {name: feed.c[name].type for name in own}).c
    columns: dict[str, sa.ColumnElement[Any]] = {
        "merchant_id": _MERCHANT,
        **{name: rows[name] for name in own},
        "placed_at": sa.bindparam("placed_at", type_=feed.c.placed_at.type),
    }
    return sa.insert(feed).from_select(list(columns), sa.select(*columns.values()))
