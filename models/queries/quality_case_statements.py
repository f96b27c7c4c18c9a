"""The statements about the cases of service quality, each compiled once.

Where tables are distributed, those about several merchants are built for one alone, whom they name.
"""

from collections.abc import Callable, Collection
from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from database.any_of import AnyOf
from database.distribution import is_distributed
from database.prepared import AnyConnection, Prepared
from database.rowset import rowset
from domain.events import EventKind
from models.feed import feed, feed_heads
from models.merchant import merchants
from models.pause_window import pause_windows
from models.quality import quality_cases, quality_heads
from models.service_order import events, service_orders


def of_one_merchant(
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


_ROWS: Final = "rows"
_MERCHANT: Final = sa.bindparam("merchant", type_=feed.c.merchant_id.type)
_AFTER: Final = sa.bindparam("after", type_=feed.c.position.type)
_MOST: Final = sa.bindparam("most", type_=sa.Integer)
_head: Final = quality_heads.c

MOVED: Final = ("position", "rebuilt_to", "version", "time_zone")
"""The columns of a head that say how far the cases are derived."""

KEY: Final = ("merchant_id", "service_order_id", "kind", "sequence")
GIVEN: Final = tuple(column.name for column in quality_cases.c if column.name != "at")

BEHIND: Final = (
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
PREPARED_BEHIND: Final = Prepared(BEHIND)

PLAN_ANEW: Final = Prepared(
    sa.select(sa.func.set_config("plan_cache_mode", "force_custom_plan", sa.true()))
)


@cache
def heads(_dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `of_one_merchant`
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
def create_head(dialect: str) -> Prepared:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(quality_heads)
    values = {"merchant_id": _MERCHANT, "position": 0, "version": 0, "time_zone": ""}
    return Prepared(
        insert.values(values).on_conflict_do_nothing().returning(quality_heads.c.merchant_id)
    )


@cache
def moving(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `of_one_merchant`
    columns = {name: _head[name].type for name in ("merchant_id", *MOVED)}
    rows = rowset(dialect, _ROWS, columns).c
    return Prepared(
        sa.update(quality_heads)
        .where(_head.merchant_id == rows.merchant_id, *_named(of_one, _head.merchant_id))
        .values({name: rows[name] for name in MOVED})
    )


@cache
def window(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `of_one_merchant`
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


ORDERS: Final = Prepared(
    sa.select(service_orders.c.id)
    .where(service_orders.c.merchant_id == _MERCHANT, service_orders.c.id > _AFTER)
    .order_by(service_orders.c.id)
    .limit(_MOST)
)

PAUSES: Final = Prepared(
    sa.select(pause_windows.c.start_at, pause_windows.c.end_at)
    .where(pause_windows.c.withdrawn_at.is_(None))
    .order_by(pause_windows.c.start_at)
)


@cache
def history(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `of_one_merchant`
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
def cases(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `of_one_merchant`
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
def delete(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `of_one_merchant`
    rows = rowset(dialect, _ROWS, {name: quality_cases.c[name].type for name in KEY}).c
    key = [quality_cases.c[name] for name in KEY]
    return Prepared(
        sa.delete(quality_cases).where(
            sa.tuple_(*key).in_(sa.select(*(rows[name] for name in KEY))),
            *_named(of_one, quality_cases.c.merchant_id),
        )
    )


@cache
def insert(dialect: str, of_one: bool) -> Prepared:  # noqa: FBT001 - see `of_one_merchant`
    given = rowset(dialect, _ROWS, {name: quality_cases.c[name].type for name in GIVEN})
    is_its_event = (
        (events.c.merchant_id == given.c.merchant_id)
        & (events.c.service_order_id == given.c.service_order_id)
        & (events.c.sequence == given.c.sequence)
    )
    values = sa.select(*(given.c[name] for name in GIVEN), events.c.at)
    return Prepared(
        sa.insert(quality_cases).from_select(
            [*GIVEN, "at"],
            values.select_from(given.join(events, is_its_event)).where(
                *_named(of_one, events.c.merchant_id)
            ),
        )
    )
