"""The feed of events: a transactional outbox, and the places that the sequencer gives its events.

A step adds its event to the outbox in its own transaction. The sequencer moves committed events to
the feed: see docs/decisions/0056-the-feed.md.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Index
from sqlmodel import SQLModel

from models.columns import big, whole
from models.service_order import ServiceOrderEvent
from models.tables import table_of

PLATFORM: Final = 1
PLATFORM_LOCK: Final = "platform feed"
"""The id of the one row of ``PlatformFeedHead``."""


class EventOutbox(SQLModel, table=True):
    """An event that has no place in the feed yet. ``at`` is the event's own."""

    __tablename__ = "event_outbox"

    merchant_id: int = big(primary_key=True)
    service_order_id: int = big(primary_key=True)
    sequence: int = whole(primary_key=True)
    at: datetime


class EventFeed(SQLModel, table=True):
    """The place of an event in its merchant's feed, and in the platform's.

    The positions of a merchant have no gaps, and begin at 1; so do those of the platform.
    ``placed_at`` is real time: retention counts from it.
    """

    __tablename__ = "event_feed"
    __table_args__ = (Index("ix_event_feed_platform_position", "platform_position"),)

    merchant_id: int = big(primary_key=True)
    position: int = big(primary_key=True)
    platform_position: int = big()
    service_order_id: int = big()
    sequence: int
    placed_at: datetime


class FeedHead(SQLModel, table=True):
    """The last position of a merchant's feed, and the last one that retention has deleted."""

    __tablename__ = "feed_head"

    merchant_id: int = big(primary_key=True)
    position: int = big()
    purged_to: int = big()


class PlatformFeedHead(SQLModel, table=True):
    """The same for the feed of the platform: one row."""

    __tablename__ = "platform_feed_head"

    id: int = whole(primary_key=True)
    position: int = big()
    purged_to: int = big()


outbox = table_of(EventOutbox)
feed = table_of(EventFeed)
feed_heads = table_of(FeedHead)
platform_feed_heads = table_of(PlatformFeedHead)


def in_outbox(event: ServiceOrderEvent) -> EventOutbox:
    """The row of a new event in the outbox."""
    return EventOutbox(
        merchant_id=event.merchant_id,
        service_order_id=event.service_order_id,
        sequence=event.sequence,
        at=event.at,
    )
