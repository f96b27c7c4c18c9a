"""Reading the feed: windows of events after a position, and the heads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock_shared
from database.distribution import is_distributed
from database.prepared import AnyConnection, BatchablePrepared, Prepared
from domain.events import EventKind
from domain.feed import EventIdentity, EventKey
from domain.statuses import Status
from models.feed import PLATFORM, PLATFORM_LOCK, feed, feed_heads, platform_feed_heads
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
    def identity(self) -> EventIdentity:
        """What the cursor after the event names."""
        return EventIdentity.of(self.merchant_id, self.service_order_id, self.sequence, self.at)

    @property
    def event_key(self) -> EventKey:
        """The key of the event's row."""
        return (self.merchant_id, self.service_order_id, self.sequence)

    @property
    def order_key(self) -> tuple[int, int]:
        """The key of the order's row."""
        return (self.merchant_id, self.service_order_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """The last position of a feed, the last one that retention has deleted, and an event.

    ``event`` is the identity of the event at the position that was asked for. None if there is
    none, or none any more.
    """

    position: int
    purged_to: int
    event: EventIdentity | None


_EMPTY: Final = Standing(position=0, purged_to=0, event=None)


async def standing(
    connection: AnyConnection, merchant_id: int | None, at: int | None = None
) -> Standing:
    """The standing of a merchant's feed; of the platform's for None.

    ``at`` is the position of the event to look up; without it, that of the last event.
    """
    if merchant_id is None and is_distributed(connection.dialect):
        return await _platform_standing_apart(connection, at)
    if merchant_id is None:
        rows = await _PLATFORM_STANDING.all(connection, at=at)
    else:
        rows = await _STANDING.all(connection, merchant=merchant_id, at=at)
    if not rows:
        return _EMPTY
    (row,) = rows
    event = None
    if row.sequence is not None:
        event = EventIdentity.of(row.merchant_id, row.service_order_id, row.sequence, row.at)
    return Standing(row.position, row.purged_to, event)


async def _platform_standing_apart(connection: AnyConnection, at: int | None) -> Standing:
    """The same by two statements: a join would bring the whole feed to the coordinator."""
    heads = await _PLATFORM_HEAD.all(connection)
    if not heads:
        return _EMPTY
    (head,) = heads
    await lock_shared(connection, PLATFORM_LOCK)
    rows = await _PLATFORM_EVENT.all(connection, at=head.position if at is None else at)
    event = EventIdentity.of(*rows[0]) if rows else None
    return Standing(head.position, head.purged_to, event)


async def positions(
    connection: AsyncConnection, merchant_ids: Collection[int | None]
) -> Mapping[int | None, int]:
    """The last positions of several feeds; None stands for the platform's."""
    found: dict[int | None, int] = dict.fromkeys(merchant_ids, 0)
    merchants = [merchant_id for merchant_id in merchant_ids if merchant_id is not None]
    if merchants:
        rows = await connection.execute(
            sa.select(feed_heads.c.merchant_id, feed_heads.c.position).where(
                feed_heads.c.merchant_id.in_(merchants)
            )
        )
        found.update({row.merchant_id: row.position for row in rows})
    if None in found:
        found[None] = await connection.scalar(_PLATFORM_POSITION) or 0
    return found


async def window(
    connection: AnyConnection, merchant_id: int | None, *, after: int, limit: int
) -> Sequence[FeedRow]:
    """The events after a position of a merchant's feed, in its order; the platform's for None."""
    if merchant_id is None and is_distributed(connection.dialect):
        rows = await _platform_window_apart(connection, after=after, limit=limit)
    elif merchant_id is None:
        rows = await _PLATFORM_WINDOW.all(connection, after=after, most=limit)
    else:
        rows = await _WINDOW.all(connection, merchant=merchant_id, after=after, most=limit)
    return [FeedRow(*row) for row in rows]


async def _platform_window_apart(
    connection: AnyConnection, *, after: int, limit: int
) -> Sequence[Any]:  # Any: rows of the columns above
    """The same up to the head, from all machines.

    They commit at different moments, and are asked at different moments: a reader could see an
    event before an earlier one. So it waits until everything up to the head is committed.
    """
    heads = await _PLATFORM_HEAD.all(connection)
    if not heads:
        return ()
    await lock_shared(connection, PLATFORM_LOCK)
    (head,) = heads
    return await _PLATFORM_WINDOW_TO.all(connection, after=after, most=limit, to=head.position)


_IS_PLACED: Final = (
    (events.c.merchant_id == feed.c.merchant_id)
    & (events.c.service_order_id == feed.c.service_order_id)
    & (events.c.sequence == feed.c.sequence)
)


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
        .select_from(feed.join(events, _IS_PLACED))
        .where(*where, position > sa.bindparam("after", type_=feed.c.position.type))
        .order_by(position)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


_MERCHANT: Final = sa.bindparam("merchant", type_=feed.c.merchant_id.type)
_WINDOW: Final = BatchablePrepared(_window(feed.c.position, feed.c.merchant_id == _MERCHANT))
_PLATFORM_WINDOW: Final = BatchablePrepared(_window(feed.c.platform_position))
_PLATFORM_WINDOW_TO: Final = Prepared(
    _window(
        feed.c.platform_position,
        feed.c.platform_position <= sa.bindparam("to", type_=feed.c.position.type),
    )
)
_AT: Final = sa.bindparam("at", type_=feed.c.position.type)


def _standing(
    heads: sa.Table, position: sa.ColumnElement[int], *is_there: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    is_asked_for = position == sa.func.coalesce(_AT, heads.c.position)
    return sa.select(
        heads.c.position,
        heads.c.purged_to,
        feed.c.merchant_id,
        feed.c.service_order_id,
        events.c.sequence,
        events.c.at,
    ).select_from(
        heads.outerjoin(feed, sa.and_(is_asked_for, *is_there)).outerjoin(events, _IS_PLACED)
    )


_STANDING: Final = BatchablePrepared(
    _standing(feed_heads, feed.c.position, feed.c.merchant_id == feed_heads.c.merchant_id).where(
        feed_heads.c.merchant_id == _MERCHANT
    )
)
_PLATFORM_STANDING: Final = BatchablePrepared(
    _standing(platform_feed_heads, feed.c.platform_position).where(
        platform_feed_heads.c.id == PLATFORM
    )
)
_PLATFORM_HEAD: Final = Prepared(
    sa.select(platform_feed_heads.c.position, platform_feed_heads.c.purged_to).where(
        platform_feed_heads.c.id == PLATFORM
    )
)
_PLATFORM_EVENT: Final = Prepared(
    sa.select(feed.c.merchant_id, feed.c.service_order_id, events.c.sequence, events.c.at)
    .select_from(feed.join(events, _IS_PLACED))
    .where(feed.c.platform_position == _AT)
)
_PLATFORM_POSITION: Final = sa.select(platform_feed_heads.c.position).where(
    platform_feed_heads.c.id == PLATFORM
)
