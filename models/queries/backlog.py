"""How far the feed and the cases of service quality lag behind the events, over all merchants."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models.feed import feed, feed_heads, outbox
from models.quality import quality_heads


async def oldest_unplaced(connection: AsyncConnection) -> datetime | None:
    """When the oldest event happened that has no place in the feed; None if all have one."""
    found: datetime | None = await connection.scalar(_UNPLACED)
    return found


async def oldest_underived(connection: AsyncConnection) -> datetime | None:
    """When the oldest place was given whose event no case takes into account; None without."""
    found: datetime | None = await connection.scalar(_UNDERIVED)
    return found


_UNPLACED: Final = sa.select(sa.func.min(outbox.c.at))

_derived: Final[sa.ColumnElement[Any]] = sa.func.coalesce(quality_heads.c.position, 0)
# Positions up to `purged_to` are deleted, whether or not cases were derived from them.
_reached: Final[sa.ColumnElement[Any]] = sa.case(
    (_derived < feed_heads.c.purged_to, feed_heads.c.purged_to), else_=_derived
)
_UNDERIVED: Final = (
    sa.select(sa.func.min(feed.c.placed_at))
    .select_from(feed_heads)
    .outerjoin(quality_heads, quality_heads.c.merchant_id == feed_heads.c.merchant_id)
    .join(
        feed,
        sa.and_(feed.c.merchant_id == feed_heads.c.merchant_id, feed.c.position == _reached + 1),
    )
    .where(_derived < feed_heads.c.position)
)
