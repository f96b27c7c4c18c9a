"""Checks the feed: each event has one place, and the positions have no gap."""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from models.feed import feed, feed_heads, outbox
from models.service_order import events


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    problem = await _positions(connection, merchant_id)
    if problem is not None:
        yield Finding(fault=Fault.FEED_DIFFERS, merchant_id=merchant_id, detail=problem)
    for check in (_unknown(connection, merchant_id), _missing(connection, merchant_id)):
        async for finding in check:
            yield finding


async def _positions(connection: AsyncConnection, merchant_id: int) -> str | None:
    heads = await connection.execute(
        sa.select(feed_heads).where(feed_heads.c.merchant_id == merchant_id)
    )
    head = heads.one_or_none()
    position, purged_to = (head.position, head.purged_to) if head else (0, 0)
    places = (
        await connection.execute(
            sa.select(
                sa.func.count().label("places"),
                sa.func.min(feed.c.position).label("first"),
                sa.func.max(feed.c.position).label("last"),
            ).where(feed.c.merchant_id == merchant_id)
        )
    ).one()
    expected = (position - purged_to, purged_to + 1, position)
    if tuple(places) == expected or (places.places == 0 and position == purged_to):
        return None
    return (
        f"{places.places} places from {places.first} to {places.last}, where the head says "
        f"{expected[0]} from {expected[1]} to {expected[2]}"
    )


def _places(merchant_id: int) -> sa.CTE:
    """The events in the feed and in the outbox."""
    columns = [
        sa.select(table.c.service_order_id, table.c.sequence).where(
            table.c.merchant_id == merchant_id
        )
        for table in (feed, outbox)
    ]
    return sa.union_all(*columns).cte("places")


async def _unknown(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    """Find places of events that do not exist, and events with several places."""
    place = _places(merchant_id)
    rows = await connection.stream(
        sa.select(
            place.c.service_order_id,
            place.c.sequence,
            sa.func.count().label("places"),
            sa.func.count(events.c.sequence).label("known"),
        )
        .outerjoin_from(
            place,
            events,
            (events.c.merchant_id == merchant_id)
            & (events.c.service_order_id == place.c.service_order_id)
            & (events.c.sequence == place.c.sequence),
        )
        .group_by(place.c.service_order_id, place.c.sequence)
        .having((sa.func.count() > 1) | (sa.func.count(events.c.sequence) == 0))
        .order_by(place.c.service_order_id, place.c.sequence)
    )
    async for row in rows:
        detail = f"event {row.sequence} has {row.places} places" if row.known else ""
        yield Finding(
            fault=Fault.FEED_DIFFERS,
            merchant_id=merchant_id,
            order_id=row.service_order_id,
            detail=detail or f"event {row.sequence} has a place and does not exist",
        )


async def _missing(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    """Find events without a place although an earlier event of their order has one.

    Earlier events than an order's first place are from before the feed, or no longer kept.
    """
    place = _places(merchant_id)
    first = (
        sa.select(place.c.service_order_id, sa.func.min(place.c.sequence).label("sequence"))
        .group_by(place.c.service_order_id)
        .subquery("first")
    )
    own = place.alias("own")
    rows = await connection.stream(
        sa.select(events.c.service_order_id, events.c.sequence)
        .join_from(
            first,
            events,
            (events.c.merchant_id == merchant_id)
            & (events.c.service_order_id == first.c.service_order_id)
            & (events.c.sequence > first.c.sequence),
        )
        .outerjoin(
            own,
            (own.c.service_order_id == events.c.service_order_id)
            & (own.c.sequence == events.c.sequence),
        )
        .where(own.c.sequence.is_(None))
        .order_by(events.c.service_order_id, events.c.sequence)
    )
    async for row in rows:
        yield Finding(
            fault=Fault.FEED_DIFFERS,
            merchant_id=merchant_id,
            order_id=row.service_order_id,
            detail=f"event {row.sequence} has no place",
        )
