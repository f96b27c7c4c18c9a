"""Deriving the cases of a merchant's orders: what they follow from, and writing them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from database.distribution import is_distributed
from database.prepared import AnyConnection, Prepared
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


class Move(NamedTuple):
    """How far a merchant's cases are derived: columns of its head."""

    position: int
    rebuilt_to: int | None
    version: int
    time_zone: str


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


async def create_heads(connection: AnyConnection, merchants: Collection[int]) -> bool:
    """Create the heads of merchants that have none; return whether any had none.

    They bear no version: all cases are to be derived.
    """
    create = _create_head(connection.dialect.name)
    has_created = False
    for merchant_id in sorted(merchants):
        has_created |= bool(await create.raw(connection, merchant=merchant_id))
    return has_created


async def lock_heads(connection: AnyConnection, merchants: Collection[int]) -> Mapping[int, Head]:
    """The heads, locked until the transaction ends; without those that another one has locked."""
    heads, names = _of_one(_heads, connection, merchants)
    rows = await heads.all(connection, merchants=sorted(merchants), **names)
    return {merchant_id: Head(*head) for merchant_id, *head in rows}


async def move_heads(connection: AnyConnection, moves: Mapping[int, Move]) -> None:
    """Set how far the cases of merchants are derived."""
    if moves:
        rows = [
            {"merchant_id": merchant_id, **move._asdict()}
            for merchant_id, move in sorted(moves.items())
        ]
        move, names = _of_one(_move_heads, connection, moves)
        await move.raw(connection, rows=rows, **names)


async def reset_heads(connection: AsyncConnection) -> None:
    """Let the job derive all cases of all merchants anew."""
    await connection.execute(sa.update(quality_heads).values(version=0))


async def window(
    connection: AnyConnection, positions: Mapping[int, int], *, most: int
) -> Sequence[Placed]:
    """The next events of merchants' feeds after their positions, so many of each, in order."""
    if not positions:
        return ()
    # Positions have no gaps, so the range bounds the number.
    ranges = [
        {"merchant_id": merchant_id, "after": after, "last": after + most}
        for merchant_id, after in sorted(positions.items())
    ]
    statement, names = _of_one(_window, connection, positions)
    rows = await statement.all(connection, rows=ranges, **names)
    return [Placed(*row) for row in rows]


async def next_orders(
    connection: AnyConnection, merchant_id: int, *, after: int, most: int
) -> Sequence[int]:
    """A merchant's orders after one, by their ids."""
    rows = await _ORDERS.raw(connection, merchant=merchant_id, after=after, most=most)
    return [order_id for (order_id,) in rows]


async def windows(connection: AnyConnection) -> Sequence[Span]:
    """The pause windows that were not withdrawn, in order."""
    return [Span(*row) for row in await _PAUSES.all(connection)]


async def read_events(
    connection: AnyConnection, orders: Collection[OrderKey]
) -> Mapping[OrderKey, OrderEvents]:
    """The events of orders, in their order."""
    histories: dict[OrderKey, OrderEvents] = {}
    statement, names = _of_one(_events, connection, {merchant_id for merchant_id, _ in orders})
    rows = await statement.all(connection, rows=_order_rows(orders), **names)
    for merchant_id, order_id, reason_code, category, *event in rows:
        history = histories.get((merchant_id, order_id))
        if history is None:
            history = OrderEvents(reason_code, category, [])
            histories[merchant_id, order_id] = history
        history.events.append(CaseEvent(*event))
    return histories


async def read_cases(
    connection: AnyConnection, orders: Collection[OrderKey]
) -> Mapping[CaseKey, Values]:
    """The stored cases of orders."""
    statement, names = _of_one(_cases, connection, {merchant_id for merchant_id, _ in orders})
    rows = await statement.all(connection, rows=_order_rows(orders), **names)
    return {
        (row.merchant_id, row.service_order_id, row.kind, row.sequence): row._asdict()
        for row in rows
    }


async def write_cases(
    connection: AnyConnection, *, delete: Collection[CaseKey], insert: Sequence[Values]
) -> None:
    """Delete cases and insert others. A case bears the time of the event with its sequence."""
    if delete:
        keys = [dict(zip(_KEY, key, strict=True)) for key in delete]
        statement, names = _of_one(_delete, connection, {key[0] for key in delete})
        await statement.raw(connection, rows=keys, **names)
    if insert:
        rows = [{name: case[name] for name in _GIVEN} for case in insert]
        statement, names = _of_one(_insert, connection, {row["merchant_id"] for row in rows})
        await statement.raw(connection, rows=rows, **names)


def _of_one(
    build: Callable[[str, bool], Prepared], connection: AnyConnection, merchants: Collection[int]
) -> tuple[Prepared, dict[str, int]]:
    """A statement, and the parameters that it has where tables are distributed.

    There it names the one merchant, whose machine alone is asked; Citus locks rows of no others.
    """
    dialect = connection.dialect
    if len(merchants) == 1 and is_distributed(dialect):
        [merchant_id] = merchants
        return build(dialect.name, True), {"merchant": merchant_id}  # noqa: FBT003 - of one
    return build(dialect.name, False), {}  # noqa: FBT003 - of several


def _named(of_one: bool, *columns: sa.ColumnElement[int]) -> list[sa.ColumnElement[bool]]:  # noqa: FBT001 - as `build` takes it
    return [column == _MERCHANT for column in columns] if of_one else []


def _order_rows(orders: Collection[OrderKey]) -> list[Values]:
    return [
        {"merchant_id": merchant_id, "service_order_id": order_id}
        for merchant_id, order_id in sorted(orders)
    ]


_ROWS: Final = "rows"
_MERCHANT: Final = sa.bindparam("merchant", type_=feed.c.merchant_id.type)
_AFTER: Final = sa.bindparam("after", type_=feed.c.position.type)
_MOST: Final = sa.bindparam("most", type_=sa.Integer)
_head: Final = quality_heads.c

_KEY: Final = ("merchant_id", "service_order_id", "kind", "sequence")
_GIVEN: Final = tuple(column.name for column in quality_cases.c if column.name != "at")

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


@cache
def _heads(_dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `_of_one`
    return Prepared(
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
        .where(*_named(of_one, _head.merchant_id, merchants.c.id))
        .order_by(_head.merchant_id)
        .with_for_update(of=quality_heads, skip_locked=True)
    )


@cache
def _create_head(dialect: str) -> Prepared:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(quality_heads)
    values = {"merchant_id": _MERCHANT, "position": 0, "version": 0, "time_zone": ""}
    return Prepared(
        insert.values(values).on_conflict_do_nothing().returning(quality_heads.c.merchant_id)
    )


@cache
def _move_heads(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `_of_one`
    columns = {name: _head[name].type for name in ("merchant_id", *Move._fields)}
    rows = rowset(dialect, _ROWS, columns).c
    return Prepared(
        sa.update(quality_heads)
        .where(_head.merchant_id == rows.merchant_id, *_named(of_one, _head.merchant_id))
        .values({name: rows[name] for name in Move._fields})
    )


@cache
def _window(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `_of_one`
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
    return Prepared(
        sa.select(feed.c.merchant_id, feed.c.position, feed.c.service_order_id, events.c.kind)
        .select_from(ranges.join(feed, is_in_range).join(events, is_placed))
        .where(*_named(of_one, feed.c.merchant_id, events.c.merchant_id))
        .order_by(feed.c.merchant_id, feed.c.position)
    )


def _given_orders(dialect: str) -> sa.FromClause:
    big = feed.c.position.type
    return rowset(dialect, _ROWS, {"merchant_id": big, "service_order_id": big})


_ORDERS: Final = Prepared(
    sa.select(service_orders.c.id)
    .where(service_orders.c.merchant_id == _MERCHANT, service_orders.c.id > _AFTER)
    .order_by(service_orders.c.id)
    .limit(_MOST)
)

_PAUSES: Final = Prepared(
    sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
    .where(pause_windows.c.withdrawn_at.is_(None))
    .order_by(pause_windows.c.start_at)
)


@cache
def _events(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `_of_one`
    given = _given_orders(dialect)
    is_given = (events.c.merchant_id == given.c.merchant_id) & (
        events.c.service_order_id == given.c.service_order_id
    )
    is_of_order = (service_orders.c.merchant_id == events.c.merchant_id) & (
        service_orders.c.id == events.c.service_order_id
    )
    return Prepared(
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
        .where(*_named(of_one, events.c.merchant_id, service_orders.c.merchant_id))
        .order_by(events.c.merchant_id, events.c.service_order_id, events.c.sequence)
    )


@cache
def _cases(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `_of_one`
    given = _given_orders(dialect)
    is_given = (quality_cases.c.merchant_id == given.c.merchant_id) & (
        quality_cases.c.service_order_id == given.c.service_order_id
    )
    return Prepared(
        sa.select(*quality_cases.c)
        .select_from(given.join(quality_cases, is_given))
        .where(*_named(of_one, quality_cases.c.merchant_id))
    )


@cache
def _delete(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `_of_one`
    rows = rowset(dialect, _ROWS, {name: quality_cases.c[name].type for name in _KEY}).c
    key = [quality_cases.c[name] for name in _KEY]
    return Prepared(
        sa.delete(quality_cases).where(
            sa.tuple_(*key).in_(sa.select(*(rows[name] for name in _KEY))),
            *_named(of_one, quality_cases.c.merchant_id),
        )
    )


@cache
def _insert(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `_of_one`
    given = rowset(dialect, _ROWS, {name: quality_cases.c[name].type for name in _GIVEN})
    is_its_event = (
        (events.c.merchant_id == given.c.merchant_id)
        & (events.c.service_order_id == given.c.service_order_id)
        & (events.c.sequence == given.c.sequence)
    )
    values = sa.select(*(given.c[name] for name in _GIVEN), events.c.at)
    return Prepared(
        sa.insert(quality_cases).from_select(
            [*_GIVEN, "at"],
            values.select_from(given.join(events, is_its_event)).where(
                *_named(of_one, events.c.merchant_id)
            ),
        )
    )
