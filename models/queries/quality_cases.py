"""Deriving the cases of a merchant's orders: what they follow from, and writing them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from database.prepared import Prepared
from domain.clocks import Span
from domain.events import EventKind
from domain.quality.cases import RELEVANT, CaseEvent
from models.feed import feed, feed_heads
from models.merchant import merchants
from models.pause_window import pause_windows
from models.quality import quality_cases, quality_heads
from models.service_order import events, service_orders

Values = Mapping[str, Any]
"""Values by the names of their columns. Any: of the columns."""

CaseKey = tuple[int, str, int]
"""The order, the kind and the sequence of a case."""


class Head(NamedTuple):
    """A merchant's head, with its present time zone, and the head of its feed."""

    position: int
    rebuilt_to: int | None
    version: int
    derived_zone: str
    time_zone: str
    feed_position: int
    purged_to: int


class OrderEvents(NamedTuple):
    """An order's events, in their order, and what its cases copy."""

    reason_code: str
    category: str | None
    events: list[CaseEvent]


async def find_behind(connection: AsyncConnection, *, version: int, most: int) -> Sequence[int]:
    """Merchants whose cases lag behind their feed, or are to be derived anew."""
    rows = await connection.execute(_BEHIND, {"version": version, "most": most})
    return list(rows.scalars())


async def create_head(connection: AsyncConnection, merchant_id: int) -> bool:
    """Create the head of a merchant that has none; return whether it had none.

    It bears no version: all cases are to be derived.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    insert = (postgresql if is_postgresql else sqlite).insert(quality_heads)
    values = {"merchant_id": merchant_id, "position": 0, "version": 0, "time_zone": ""}
    result = await connection.execute(insert.on_conflict_do_nothing(), values)
    return result.rowcount > 0


async def lock_head(connection: AsyncConnection, merchant_id: int) -> Head | None:
    """The head, locked until the transaction ends; None if another transaction has locked it."""
    row = (await connection.execute(_HEAD, {"merchant": merchant_id})).one_or_none()
    return None if row is None else Head(*row)


async def move_head(connection: AsyncConnection, merchant_id: int, **values: object) -> None:
    """Set columns of the head."""
    await connection.execute(
        sa.update(quality_heads).where(quality_heads.c.merchant_id == merchant_id).values(**values)
    )


async def reset_heads(connection: AsyncConnection) -> None:
    """Let the job derive all cases of all merchants anew."""
    await connection.execute(sa.update(quality_heads).values(version=0))


async def window(
    connection: AsyncConnection, merchant_id: int, *, after: int, most: int
) -> tuple[int | None, Collection[int]]:
    """The last position of the next events of the feed, and the orders whose cases they change.

    None if there are no more events.
    """
    parameters = {"merchant": merchant_id, "after": after, "most": most}
    rows = (await connection.execute(_WINDOW, parameters)).all()
    changed = {order_id for _, order_id, kind in rows if kind in RELEVANT}
    return (rows[-1][0] if rows else None), changed


async def next_orders(
    connection: AsyncConnection, merchant_id: int, *, after: int, most: int
) -> Sequence[int]:
    """A merchant's orders after one, by their ids."""
    parameters = {"merchant": merchant_id, "after": after, "most": most}
    return list((await connection.execute(_ORDERS, parameters)).scalars())


async def windows(connection: AsyncConnection) -> Sequence[Span]:
    """The pause windows that were not withdrawn, in order."""
    return [Span(*row) for row in await connection.execute(_PAUSES)]


async def read_events(
    connection: AsyncConnection, merchant_id: int, orders: Collection[int]
) -> Mapping[int, OrderEvents]:
    """The events of orders, in their order."""
    found: dict[int, OrderEvents] = {}
    rows = await _EVENTS.all(connection, merchant=merchant_id, orders=sorted(orders))
    for order_id, reason_code, category, *event in rows:
        order = found.get(order_id)
        if order is None:
            order = found[order_id] = OrderEvents(reason_code, category, [])
        order.events.append(CaseEvent(*event))
    return found


async def read_cases(
    connection: AsyncConnection, merchant_id: int, orders: Collection[int]
) -> Mapping[CaseKey, Values]:
    """The stored cases of orders."""
    rows = await _CASES.all(connection, merchant=merchant_id, orders=sorted(orders))
    return {(row.service_order_id, row.kind, row.sequence): row._asdict() for row in rows}


async def write_cases(
    connection: AsyncConnection,
    merchant_id: int,
    *,
    delete: Collection[CaseKey],
    insert: Sequence[Values],
) -> None:
    """Delete cases and insert others."""
    if delete:
        keys = [
            {"key_merchant": merchant_id, "key_order": order, "key_kind": kind, "key_sequence": at}
            for order, kind, at in delete
        ]
        await connection.execute(_DELETE, keys)
    if insert:
        await connection.execute(sa.insert(quality_cases), list(insert))


_MERCHANT: Final = sa.bindparam("merchant", type_=feed.c.merchant_id.type)
_AFTER: Final = sa.bindparam("after", type_=feed.c.position.type)
_MOST: Final = sa.bindparam("most", type_=sa.Integer)
_head: Final = quality_heads.c

_BEHIND: Final = (
    sa.select(merchants.c.id)
    .outerjoin(quality_heads, _head.merchant_id == merchants.c.id)
    .outerjoin(feed_heads, feed_heads.c.merchant_id == merchants.c.id)
    .where(
        _head.merchant_id.is_(None)
        | (_head.position < feed_heads.c.position)
        | _head.rebuilt_to.is_not(None)
        | (_head.version != sa.bindparam("version", type_=sa.Integer))
        | (_head.time_zone != merchants.c.time_zone)
    )
    .order_by(merchants.c.id)
    .limit(_MOST)
)

_HEAD: Final = (
    sa.select(
        _head.position,
        _head.rebuilt_to,
        _head.version,
        _head.time_zone,
        merchants.c.time_zone,
        sa.func.coalesce(feed_heads.c.position, 0),
        sa.func.coalesce(feed_heads.c.purged_to, 0),
    )
    .select_from(quality_heads)
    .join(merchants, merchants.c.id == _head.merchant_id)
    .outerjoin(feed_heads, feed_heads.c.merchant_id == _head.merchant_id)
    .where(_head.merchant_id == _MERCHANT)
    .with_for_update(of=quality_heads, skip_locked=True)
)

_WINDOW: Final = (
    sa.select(feed.c.position, feed.c.service_order_id, events.c.kind)
    .join(
        events,
        (events.c.merchant_id == feed.c.merchant_id)
        & (events.c.service_order_id == feed.c.service_order_id)
        & (events.c.sequence == feed.c.sequence),
    )
    .where(feed.c.merchant_id == _MERCHANT, feed.c.position > _AFTER)
    .order_by(feed.c.position)
    .limit(_MOST)
)

_ORDERS: Final = (
    sa.select(service_orders.c.id)
    .where(service_orders.c.merchant_id == _MERCHANT, service_orders.c.id > _AFTER)
    .order_by(service_orders.c.id)
    .limit(_MOST)
)

_PAUSES: Final = (
    sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
    .where(pause_windows.c.withdrawn_at.is_(None))
    .order_by(pause_windows.c.start_at)
)

_OF_ORDERS: Final = sa.bindparam("orders", type_=sa.BigInteger)

_EVENTS: Final = Prepared(
    sa.select(
        events.c.service_order_id,
        service_orders.c.reason_code,
        service_orders.c.category,
        events.c.sequence,
        events.c.kind,
        events.c.at,
        events.c.actor_kind,
        events.c.actor_id,
        events.c.from_status,
        events.c.to_status,
        sa.case((events.c.kind == EventKind.CONFIRMED, events.c.details)).label("details"),
    )
    .join(
        service_orders,
        (service_orders.c.merchant_id == events.c.merchant_id)
        & (service_orders.c.id == events.c.service_order_id),
    )
    .where(events.c.merchant_id == _MERCHANT, AnyOf(events.c.service_order_id, _OF_ORDERS))
    .order_by(events.c.service_order_id, events.c.sequence)
)

_CASES: Final = Prepared(
    sa.select(*quality_cases.c).where(
        quality_cases.c.merchant_id == _MERCHANT,
        AnyOf(quality_cases.c.service_order_id, _OF_ORDERS),
    )
)

_DELETE: Final = sa.delete(quality_cases).where(
    quality_cases.c.merchant_id == sa.bindparam("key_merchant"),
    quality_cases.c.service_order_id == sa.bindparam("key_order"),
    quality_cases.c.kind == sa.bindparam("key_kind"),
    quality_cases.c.sequence == sa.bindparam("key_sequence"),
)
