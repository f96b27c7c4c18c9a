"""Reading the feed: windows of events after a position, and the heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.events import EventKind
from domain.statuses import Status
from models.feed import PLATFORM, feed, feed_heads, platform_feed_heads
from models.service_order import events

MAX_WINDOW: Final = 1000
"""The most events that one window holds."""


class FeedRow(NamedTuple):
    """An event and its place. ``position`` counts in the feed that was read."""

    position: int
    merchant_id: int
    service_order_id: int
    sequence: int
    kind: EventKind
    from_status: Status | None
    to_status: Status
    at: datetime

    @property
    def event_key(self) -> tuple[int, int, int]:
        """The key of the event's row."""
        return (self.merchant_id, self.service_order_id, self.sequence)

    @property
    def order_key(self) -> tuple[int, int]:
        """The key of the order's row."""
        return (self.merchant_id, self.service_order_id)


@dataclass(frozen=True, slots=True)
class Head:
    """The last position of a feed, and the last one that retention has deleted."""

    position: int
    purged_to: int


_EMPTY: Final = Head(position=0, purged_to=0)


async def head(connection: AnyConnection, merchant_id: int | None) -> Head:
    """The head of a merchant's feed; of the platform's for None."""
    if merchant_id is None:
        rows = await _PLATFORM_HEAD.all(connection)
    else:
        rows = await _HEAD.all(connection, merchant=merchant_id)
    return Head(rows[0].position, rows[0].purged_to) if rows else _EMPTY


async def window(
    connection: AnyConnection, merchant_id: int | None, *, after: int, limit: int
) -> Sequence[FeedRow]:
    """The events after a position of a merchant's feed, in its order; the platform's for None."""
    if merchant_id is None:
        rows = await _PLATFORM_WINDOW.all(connection, after=after, most=limit)
    else:
        rows = await _WINDOW.all(connection, merchant=merchant_id, after=after, most=limit)
    return [FeedRow(*row) for row in rows]


async def event_at(
    connection: AnyConnection, merchant_id: int | None, position: int
) -> tuple[int, int, int] | None:
    """The key of the event at a position. None if there is none, or none any more."""
    rows = await window(connection, merchant_id, after=position - 1, limit=1)
    return rows[0].event_key if rows and rows[0].position == position else None


def _window(position: sa.ColumnElement[int], *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    event = events.c
    return (
        sa.select(
            position.label("position"),
            feed.c.merchant_id,
            feed.c.service_order_id,
            feed.c.sequence,
            event.kind,
            event.from_status,
            event.to_status,
            event.at,
        )
        .select_from(
            feed.join(
                events,
                (event.merchant_id == feed.c.merchant_id)
                & (event.service_order_id == feed.c.service_order_id)
                & (event.sequence == feed.c.sequence),
            )
        )
        .where(*where, position > sa.bindparam("after", type_=feed.c.position.type))
        .order_by(position)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


_MERCHANT: Final = sa.bindparam("merchant", type_=feed.c.merchant_id.type)
_WINDOW: Final = Prepared(_window(feed.c.position, feed.c.merchant_id == _MERCHANT))
_PLATFORM_WINDOW: Final = Prepared(_window(feed.c.platform_position))
_HEAD: Final = Prepared(
    sa.select(feed_heads.c.position, feed_heads.c.purged_to).where(
        feed_heads.c.merchant_id == _MERCHANT
    )
)
_PLATFORM_HEAD: Final = Prepared(
    sa.select(platform_feed_heads.c.position, platform_feed_heads.c.purged_to).where(
        platform_feed_heads.c.id == PLATFORM
    )
)
