"""Deriving the cases of a merchant's orders: what they follow from, and writing them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection
from domain.clocks import Span
from domain.events import EventKind
from domain.quality.cases import CaseEvent
from models.merchant import merchants
from models.quality import quality_heads
from models.queries import quality_case_statements as statements
from models.queries.presence import of_present

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


async def find_behind(connection: AnyConnection, *, version: int, most: int) -> Sequence[int]:
    """Merchants whose cases lag behind their feed, or are to be derived anew."""
    rows = await statements.PREPARED_BEHIND.raw(connection, version=version, most=most)
    return [merchant_id for (merchant_id,) in rows]


async def find_present_behind(
    connection: AsyncConnection, *, version: int, most: int
) -> Sequence[int]:
    """The same, of the merchants that the connection is ``among``: see ``presence``."""
    behind = of_present(connection, statements.BEHIND, merchants.c.id)
    rows = await connection.execute(behind, {"version": version, "most": most})
    return list(rows.scalars())


async def create_heads(connection: AnyConnection, merchants: Collection[int]) -> bool:
    """Create the heads of merchants that have none; return whether any had none.

    They bear no version: all cases are to be derived.
    """
    create = statements.create_head(connection.dialect.name)
    has_created = False
    for merchant_id in sorted(merchants):
        has_created |= bool(await create.raw(connection, merchant=merchant_id))
    return has_created


async def plan_anew(connection: AnyConnection) -> None:
    """Let PostgreSQL plan each statement of the transaction for the present size of its tables.

    A plan that is kept from when there were few cases reads all of them.
    """
    if connection.dialect.name == "postgresql":
        await statements.PLAN_ANEW.raw(connection)


async def lock_heads(connection: AnyConnection, merchants: Collection[int]) -> Mapping[int, Head]:
    """The heads, locked until the transaction ends; without those that another one has locked."""
    heads, names = statements.of_one_merchant(statements.heads, connection, merchants)
    rows = await heads.all(connection, merchants=sorted(merchants), **names)
    return {merchant_id: Head(*head) for merchant_id, *head in rows}


async def move_heads(connection: AnyConnection, moves: Mapping[int, Move]) -> None:
    """Set how far the cases of merchants are derived."""
    if moves:
        rows = [
            {"merchant_id": merchant_id, **move._asdict()}
            for merchant_id, move in sorted(moves.items())
        ]
        move, names = statements.of_one_merchant(statements.moving, connection, moves)
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
    statement, names = statements.of_one_merchant(statements.window, connection, positions)
    rows = await statement.all(connection, rows=ranges, **names)
    return [Placed(*row) for row in rows]


async def next_orders(
    connection: AnyConnection, merchant_id: int, *, after: int, most: int
) -> Sequence[int]:
    """A merchant's orders after one, by their ids."""
    rows = await statements.ORDERS.raw(connection, merchant=merchant_id, after=after, most=most)
    return [order_id for (order_id,) in rows]


async def windows(connection: AnyConnection) -> Sequence[Span]:
    """The pause windows that were not withdrawn, in order."""
    return [Span(*row) for row in await statements.PAUSES.all(connection)]


async def read_events(
    connection: AnyConnection, orders: Collection[OrderKey]
) -> Mapping[OrderKey, OrderEvents]:
    """The events of orders, in their order."""
    histories: dict[OrderKey, OrderEvents] = {}
    statement, names = statements.of_one_merchant(
        statements.history, connection, {merchant_id for merchant_id, _ in orders}
    )
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
    statement, names = statements.of_one_merchant(
        statements.cases, connection, {merchant_id for merchant_id, _ in orders}
    )
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
        keys = [dict(zip(statements.KEY, key, strict=True)) for key in delete]
        statement, names = statements.of_one_merchant(
            statements.delete, connection, {key[0] for key in delete}
        )
        await statement.raw(connection, rows=keys, **names)
    if insert:
        rows = [{name: case[name] for name in statements.GIVEN} for case in insert]
        statement, names = statements.of_one_merchant(
            statements.insert, connection, {row["merchant_id"] for row in rows}
        )
        await statement.raw(connection, rows=rows, **names)


def _order_rows(orders: Collection[OrderKey]) -> list[Values]:
    return [
        {"merchant_id": merchant_id, "service_order_id": order_id}
        for merchant_id, order_id in sorted(orders)
    ]
