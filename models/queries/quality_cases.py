"""Deriving the cases of a merchant's orders: what they follow from, and writing them."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from database.prepared import Prepared
from database.rowset import rowset
from domain.clocks import Span
from domain.events import EventKind
from domain.quality.cases import CaseEvent
from models.feed import feed, feed_heads
from models.merchant import merchants
from models.pause_window import pause_windows
from models.quality import quality_cases, quality_heads
from models.queries.presence import of_present
from models.service_order import events, service_orders

Values = Mapping[str, Any]
"""Values by the names of their columns. Any: of the columns."""

OrderKey = tuple[int, int]
"""The merchant and the order."""

CaseKey = tuple[int, int, str, int]
"""The merchant, the order, the kind and the sequence of a case."""


class Head(NamedTuple):
    """A merchant's head, with its present time zone, and the head of its feed."""

    position: int
    rebuilt_to: int | None
    version: int
    derived_zone: str
    time_zone: str
    feed_position: int
    purged_to: int


class Placed(NamedTuple):
    """An event in a merchant's feed."""

    merchant_id: int
    position: int
    order_id: int
    kind: EventKind

    @property
    def order_key(self) -> OrderKey:
        return (self.merchant_id, self.order_id)


class OrderEvents(NamedTuple):
    """An order's events, in their order, and what its cases copy."""

    reason_code: str
    category: str | None
    events: list[CaseEvent]


async def find_behind(connection: AsyncConnection, *, version: int, most: int) -> Sequence[int]:
    """Merchants whose cases lag behind their feed, or are to be derived anew."""
    behind = of_present(connection, _BEHIND, merchants.c.id)
    rows = await connection.execute(behind, {"version": version, "most": most})
    return list(rows.scalars())


async def create_heads(connection: AsyncConnection, merchants: Collection[int]) -> bool:
    """Create the heads of merchants that have none; return whether any had none.

    They bear no version: all cases are to be derived.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    insert = (postgresql if is_postgresql else sqlite).insert(quality_heads)
    values = [
        {"merchant_id": merchant_id, "position": 0, "version": 0, "time_zone": ""}
        for merchant_id in sorted(merchants)
    ]
    statement = insert.on_conflict_do_nothing().values(values)
    return (await connection.execute(statement)).rowcount > 0


async def lock_heads(connection: AsyncConnection, merchants: Collection[int]) -> Mapping[int, Head]:
    """The heads, locked until the transaction ends; without those that another one has locked."""
    rows = await _HEADS.all(connection, merchants=sorted(merchants))
    return {merchant_id: Head(*head) for merchant_id, *head in rows}


async def move_heads(connection: AsyncConnection, moves: Sequence[Values]) -> None:
    """Set columns of heads. Each move names its merchant, and all name the same columns."""
    if moves:
        is_merchants = quality_heads.c.merchant_id == sa.bindparam("of_merchant")
        columns: dict[str, sa.BindParameter[Any]] = {
            name: sa.bindparam(f"to_{name}") for name in moves[0] if name != "merchant_id"
        }
        parameters = [
            {
                "of_merchant" if name == "merchant_id" else f"to_{name}": value
                for name, value in move.items()
            }
            for move in moves
        ]
        await connection.execute(
            sa.update(quality_heads).where(is_merchants).values(columns), parameters
        )


async def reset_heads(connection: AsyncConnection) -> None:
    """Let the job derive all cases of all merchants anew."""
    await connection.execute(sa.update(quality_heads).values(version=0))


async def window(
    connection: AsyncConnection, positions: Mapping[int, int], *, most: int
) -> Sequence[Placed]:
    """The next events of merchants' feeds after their positions, so many of each, in order."""
    if not positions:
        return ()
    # Positions have no gaps, so the range bounds the number.
    ranges = [
        {"merchant_id": merchant_id, "after": after, "last": after + most}
        for merchant_id, after in sorted(positions.items())
    ]
    rows = await connection.execute(_window(connection.dialect.name), {_ROWS: ranges})
    return [Placed(*row) for row in rows]


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
    connection: AsyncConnection, orders: Collection[OrderKey]
) -> Mapping[OrderKey, OrderEvents]:
    """The events of orders, in their order."""
    found: dict[OrderKey, OrderEvents] = {}
    rows = await connection.execute(_events(connection.dialect.name), _keys(orders))
    for merchant_id, order_id, reason_code, category, *event in rows:
        order = found.get((merchant_id, order_id))
        if order is None:
            order = OrderEvents(reason_code, category, [])
            found[merchant_id, order_id] = order
        order.events.append(CaseEvent(*event))
    return found


async def read_cases(
    connection: AsyncConnection, orders: Collection[OrderKey]
) -> Mapping[CaseKey, Values]:
    """The stored cases of orders."""
    rows = await connection.execute(_cases(connection.dialect.name), _keys(orders))
    return {
        (row.merchant_id, row.service_order_id, row.kind, row.sequence): row._asdict()
        for row in rows
    }


async def write_cases(
    connection: AsyncConnection, *, delete: Collection[CaseKey], insert: Sequence[Values]
) -> None:
    """Delete cases and insert others."""
    if delete:
        names = ("key_merchant", "key_order", "key_kind", "key_sequence")
        keys = [dict(zip(names, key, strict=True)) for key in delete]
        await connection.execute(_DELETE, keys)
    if insert:
        await connection.execute(sa.insert(quality_cases), list(insert))


def _keys(orders: Collection[OrderKey]) -> dict[str, Any]:
    """The parameter of a statement about several orders."""
    return {
        _ROWS: [
            {"merchant_id": merchant_id, "service_order_id": order_id}
            for merchant_id, order_id in sorted(orders)
        ]
    }


_ROWS: Final = "rows"
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

_HEADS: Final = Prepared(
    sa.select(
        _head.merchant_id,
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
    .where(AnyOf(_head.merchant_id, sa.bindparam("merchants", type_=sa.BigInteger)))
    .order_by(_head.merchant_id)
    .with_for_update(of=quality_heads, skip_locked=True)
)


@cache
def _window(dialect: str) -> sa.Select[Any]:
    big = feed.c.position.type
    ranges = rowset(dialect, _ROWS, {"merchant_id": big, "after": big, "last": big})
    is_in_range = (
        (feed.c.merchant_id == ranges.c.merchant_id)
        & (feed.c.position > ranges.c.after)
        & (feed.c.position <= ranges.c.last)
    )
    is_placed = (
        (events.c.merchant_id == feed.c.merchant_id)
        & (events.c.service_order_id == feed.c.service_order_id)
        & (events.c.sequence == feed.c.sequence)
    )
    return (
        sa.select(feed.c.merchant_id, feed.c.position, feed.c.service_order_id, events.c.kind)
        .select_from(ranges.join(feed, is_in_range).join(events, is_placed))
        .order_by(feed.c.merchant_id, feed.c.position)
    )


def _given_orders(dialect: str) -> sa.FromClause:
    big = feed.c.position.type
    return rowset(dialect, _ROWS, {"merchant_id": big, "service_order_id": big})


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


@cache
def _events(dialect: str) -> sa.Select[Any]:
    given = _given_orders(dialect)
    is_given = (events.c.merchant_id == given.c.merchant_id) & (
        events.c.service_order_id == given.c.service_order_id
    )
    is_of_order = (service_orders.c.merchant_id == events.c.merchant_id) & (
        service_orders.c.id == events.c.service_order_id
    )
    return (
        sa.select(
            events.c.merchant_id,
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
        .select_from(given.join(events, is_given).join(service_orders, is_of_order))
        .order_by(events.c.merchant_id, events.c.service_order_id, events.c.sequence)
    )


@cache
def _cases(dialect: str) -> sa.Select[Any]:
    given = _given_orders(dialect)
    is_given = (quality_cases.c.merchant_id == given.c.merchant_id) & (
        quality_cases.c.service_order_id == given.c.service_order_id
    )
    return sa.select(*quality_cases.c).select_from(given.join(quality_cases, is_given))


_DELETE: Final = sa.delete(quality_cases).where(
    quality_cases.c.merchant_id == sa.bindparam("key_merchant"),
    quality_cases.c.service_order_id == sa.bindparam("key_order"),
    quality_cases.c.kind == sa.bindparam("key_kind"),
    quality_cases.c.sequence == sa.bindparam("key_sequence"),
)
