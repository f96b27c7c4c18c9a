"""STUB until main has the feed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import EventKind
from domain.statuses import Status


@dataclass(frozen=True)
class FeedRow:
    merchant_id: int
    position: int
    service_order_id: int
    sequence: int
    kind: EventKind
    from_status: Status | None
    to_status: Status | None
    at: datetime


@dataclass(frozen=True)
class Head:
    position: int
    purged_to: int


async def head(connection: AsyncConnection, merchant_id: int) -> Head:
    return Head(0, 0)


async def window(
    connection: AsyncConnection, merchant_id: int, *, after: int, limit: int
) -> list[FeedRow]:
    return []
