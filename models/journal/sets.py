"""The journal for sets: one step of many orders, written by two statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from database.distribution import is_distributed
from database.rowset import rowset
from domain.actions import Action
from domain.actors import Actor
from domain.clocks import Span
from models.feed import outbox
from models.journal.change import Change
from models.journal.step_values import Values, step_values
from models.queries.service_orders import Order
from models.service_order import events, service_orders


class ConcurrentChange(Exception):
    """An order has changed since it was read: the transaction has to be rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBatch:
    """The values of one step of many orders, not written yet.

    ``order_rows`` and ``event_rows`` hold the columns that differ from order to order, the keys
    included; ``order_values`` and ``event_values`` hold the columns that are the same for all.
    """

    order_rows: Sequence[Values]
    order_values: Values
    event_rows: Sequence[Values]
    event_values: Values


def step_batch(
    steps: Sequence[tuple[Order, Change]],
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    pauses: Sequence[Span],
) -> StepBatch:
    """Compute the values of one step of several orders, all in the same status.

    ``now`` is the instant of the step for each of them: see ``by_instant``. The rules are not asked
    here: ``decide`` allows a step. Values that differ from order to order have to be JSON, and the
    changes have the same notes.
    """
    effects = [
        (order, *step_values(order, action, actor, change, now, pauses)) for order, change in steps
    ]
    _, first_row, first_event = effects[0]
    own = [
        name
        for name, value in first_row.items()
        if name in _ALWAYS_OWN or any(row[name] != value for _, row, _ in effects)
    ]
    return StepBatch(
        order_rows=[
            {"merchant_id": order.facts.merchant_id, "id": order.id}
            | {name: row[name] for name in own}
            for order, row, _ in effects
        ],
        order_values={name: value for name, value in first_row.items() if name not in own},
        event_rows=[{name: event[name] for name in _OWN_OF_EVENT} for *_, event in effects],
        event_values={
            name: value for name, value in first_event.items() if name not in _OWN_OF_EVENT
        },
    )


async def record_all(connection: AsyncConnection, batch: StepBatch) -> None:
    """Update the orders, insert their events and add them to the outbox. Raises ConcurrentChange.

    No clock is woken: the sweep, which writes batches, looks for the next deadline afterwards.
    Where tables are distributed, the orders are of one merchant, whom the update names.
    """
    dialect, own = connection.dialect.name, tuple(batch.order_rows[0])
    names_merchant = is_distributed(connection.dialect)
    update = _update(dialect, own, tuple(batch.order_values), names_merchant=names_merchant)
    merchant = {"merchant": batch.order_rows[0]["merchant_id"]} if names_merchant else {}
    updated = await connection.execute(
        update, {_ROWS: batch.order_rows, **_arguments(batch.order_values), **merchant}
    )
    if updated.rowcount != len(batch.order_rows):
        raise ConcurrentChange
    if dialect == "postgresql" and not names_merchant:
        insert = _insert_with_outbox(tuple(batch.event_values))
        await connection.execute(
            insert, {_ROWS: batch.event_rows, **_arguments(batch.event_values)}
        )
        return
    await _insert_events(connection, batch.event_rows, batch.event_values)
    await add_to_outbox(connection, batch.event_rows, batch.event_values["at"])


async def _insert_events(
    connection: AsyncConnection, rows: Sequence[Values], values: Values
) -> None:
    insert = _insert(connection.dialect.name, tuple(values))
    await connection.execute(insert, {_ROWS: rows, **_arguments(values)})


async def add_to_outbox(connection: AsyncConnection, rows: Sequence[Values], at: datetime) -> None:
    """Add events, by the rows of their keys, to the outbox."""
    insert = _insert_into_outbox(connection.dialect.name)
    keys = [{name: row[name] for name in _KEY_OF_EVENT} for row in rows]
    await connection.execute(insert, {_ROWS: keys, **_arguments({"at": at})})


async def record_unchanged(connection: AsyncConnection, batch: StepBatch) -> Sequence[Values]:
    """Update the orders that have not changed since they were read, and insert their events.

    Returns the rows of the events, which the caller adds to the outbox: those of several batches
    at once. The orders may be of any merchants, also where tables are distributed.
    """
    dialect, own = connection.dialect.name, tuple(batch.order_rows[0])
    update = _update(dialect, own, tuple(batch.order_values), names_merchant=False)
    order = service_orders.c
    # Named, so that Citus leaves out the machines that have none of them.
    merchants = sorted({row["merchant_id"] for row in batch.order_rows})
    is_theirs = AnyOf(order.merchant_id, sa.bindparam(_MERCHANTS))
    updated = await connection.execute(
        update.where(is_theirs).returning(order.merchant_id, order.id),
        {_ROWS: batch.order_rows, _MERCHANTS: merchants, **_arguments(batch.order_values)},
    )
    keys = {(merchant_id, id_) for merchant_id, id_ in updated}
    rows = [
        row for row in batch.event_rows if (row["merchant_id"], row["service_order_id"]) in keys
    ]
    if rows:
        await _insert_events(connection, rows, batch.event_values)
    return rows


_ROWS: Final = "rows"
_MERCHANTS: Final = "merchants"
_ALWAYS_OWN: Final = ("version", "customer_version")
"""Columns that differ from order to order in almost every batch, so one statement serves all."""
_KEY_OF_EVENT: Final = ("merchant_id", "service_order_id", "sequence")
_OWN_OF_EVENT: Final = (*_KEY_OF_EVENT, "customer_sequence", "details")


def _arguments(values: Values) -> Values:
    """Values by the names of their parameters: SQLAlchemy reserves the names of the columns."""
    return {f"same_{name}": value for name, value in values.items()}


def _parameters(table: sa.Table, names: Sequence[str]) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"same_{name}", type_=table.c[name].type) for name in names}


# Both statements are cached: building them anew for each batch takes longer than writing it.


@cache
def _update(
    dialect: str, own: tuple[str, ...], same: tuple[str, ...], *, names_merchant: bool
) -> sa.Update:
    order = service_orders.c
    rows = rowset(dialect, _ROWS, {name: order[name].type for name in own}).c
    merchant = sa.bindparam("merchant", type_=order.merchant_id.type)
    return (
        sa.update(service_orders)
        .where(
            *((order.merchant_id == merchant,) if names_merchant else ()),
            order.merchant_id == rows.merchant_id,
            order.id == rows.id,
            order.version == rows.version - 1,
        )
        .values(
            **_parameters(service_orders, same),
            **{name: rows[name] for name in own if name not in ("merchant_id", "id")},
        )
    )


@cache
def _insert(dialect: str, same: tuple[str, ...]) -> sa.Insert:
    types = {name: events.c[name].type for name in _OWN_OF_EVENT}
    rows = rowset(dialect, _ROWS, types).c
    columns = {name: rows[name] for name in _OWN_OF_EVENT} | _parameters(events, same)
    return sa.insert(events).from_select(list(columns), sa.select(*columns.values()))


@cache
def _insert_into_outbox(dialect: str) -> sa.Insert:
    rows = rowset(dialect, _ROWS, {name: outbox.c[name].type for name in _KEY_OF_EVENT}).c
    columns = {name: rows[name] for name in _KEY_OF_EVENT} | _parameters(outbox, ("at",))
    return sa.insert(outbox).from_select(list(columns), sa.select(*columns.values()))


@cache
def _insert_with_outbox(same: tuple[str, ...]) -> sa.Insert:
    """Both inserts in one statement, for PostgreSQL on one machine."""
    inserted = _insert("postgresql", same).returning(*[events.c[column.key] for column in outbox.c])
    rows = inserted.cte("inserted")
    return sa.insert(outbox).from_select(list(outbox.c), sa.select(*rows.c))
