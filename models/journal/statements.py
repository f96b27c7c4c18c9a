"""The statements that write one order's step, alone or as a batch statement."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache, partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from database.batch_statement import ORDINAL, BatchQuery, parameter_rows
from database.prepared import BatchablePrepared, Pair, Prepared
from models.feed import outbox
from models.queries import calendar
from models.service_order import events, service_orders
from models.wake import notification
from models.waybill import waybills

_order: Final = service_orders.c

Arguments = Mapping[str, sa.ColumnElement[Any]]
"""The values of a step by the names of ``_types``: parameters, or columns of a batch's rows."""


def _types(columns: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    """The types of the parameters of a step that sets the named columns of the order."""
    return {
        "key_merchant_id": _order.merchant_id.type,
        "key_id": _order.id.type,
        "key_version": _order.version.type,
        **{f"set_{name}": _order[name].type for name in columns},
        **{f"event_{column.key}": column.type for column in events.c},
        "wakes": sa.Boolean(),
        "windows": sa.Text(),
        "now": _order.updated_at.type,
        "waybill": waybills.c.waybill.type,
    }


def _parameters(columns: Sequence[str]) -> Arguments:
    return {name: sa.bindparam(name, type_=type_) for name, type_ in _types(columns).items()}


class PauseCheck(StrEnum):
    """What the update says of the upcoming pause windows."""

    NONE = "nothing"
    EMPTY = "there are none"
    UNCHANGED = "they are those in the parameter"


def _update(columns: Sequence[str], arguments: Arguments, *, pauses: PauseCheck) -> sa.Update:
    """Update the row if its version is the one that was read, and no pause window changed since."""
    update = sa.update(service_orders).where(
        _order.merchant_id == arguments["key_merchant_id"],
        _order.id == arguments["key_id"],
        _order.version == arguments["key_version"],
    )
    match pauses:
        case PauseCheck.EMPTY:
            update = update.where(calendar.is_empty(now=arguments["now"]))
        case PauseCheck.UNCHANGED:
            update = update.where(
                calendar.is_unchanged(windows=arguments["windows"], now=arguments["now"])
            )
        case PauseCheck.NONE:
            pass
    return update.values({name: arguments[f"set_{name}"] for name in columns})


def _event(arguments: Arguments) -> dict[str, sa.ColumnElement[Any]]:
    return {column.key: arguments[f"event_{column.key}"] for column in events.c}


_INSERT_EVENT: Final = Prepared(
    sa.insert(events).values(_event(_parameters(()))).returning(events.c.sequence)
)


def _outbox(event: Arguments) -> dict[str, sa.ColumnElement[Any]]:
    return {column.key: event[column.key] for column in outbox.c}


_INSERT_INTO_OUTBOX: Final = Prepared(
    sa.insert(outbox).values(_outbox(_event(_parameters(())))).returning(outbox.c.sequence)
)


def _waybill(arguments: Arguments) -> dict[str, sa.ColumnElement[Any]]:
    return {
        "merchant_id": arguments["key_merchant_id"],
        "waybill": arguments["waybill"],
        "service_order_id": arguments["key_id"],
    }


def _insert_waybill() -> Prepared:
    """On either database: both write ON CONFLICT in the same way."""
    insert = postgresql.insert(waybills).values(_waybill(_parameters(())))
    return Prepared(insert.on_conflict_do_nothing().returning(waybills.c.waybill))


# An order may have had the waybill before.
_INSERT_WAYBILL: Final = _insert_waybill()


@cache
def update_then_event(
    columns: tuple[str, ...], *, pauses: PauseCheck = PauseCheck.NONE, adds_waybill: bool = False
) -> Pair:
    """The update and then the inserts, for a transaction on SQLite or on Citus.

    Citus runs each on the merchant's machine, and commits once there. One statement that writes
    several tables it commits in two phases, and a notification in it is never heard.
    """
    update = _update(columns, _parameters(columns), pauses=pauses)
    waybill = (_INSERT_WAYBILL,) if adds_waybill else ()
    return Pair(Prepared(update.returning(*_order)), _INSERT_EVENT, _INSERT_INTO_OUTBOX, *waybill)


@cache
def update_and_event(
    columns: tuple[str, ...], *, pauses: PauseCheck, adds_waybill: bool = False
) -> BatchablePrepared:
    """One statement for PostgreSQL that updates the row and, if it did, inserts the event.

    It also adds the event to the outbox, inserts the waybill if the step brings one, and notifies
    the clocks if the update succeeds and ``wakes`` is true.
    """
    arguments = _parameters(columns)
    update = _update(columns, arguments, pauses=pauses)
    updated = update.returning(*_order).cte("updated")
    inserts = _insert_event(arguments, updated)
    if adds_waybill:
        inserts.append(_insert_waybills(arguments, updated).cte("inserted_waybill"))
    notified = notification(arguments["wakes"]).label("notified")
    return BatchablePrepared(
        sa.select(*updated.c, notified).add_cte(*inserts),
        partial(_batch, columns, pauses=pauses, adds_waybill=adds_waybill),
    )


def _insert_event(arguments: Arguments, updated: sa.FromClause) -> list[sa.CTE]:
    """The inserts of the event and of its row in the outbox, for each row that was updated."""
    event = _event(arguments)
    copied = _outbox(event)
    return [
        sa.insert(events)
        .from_select(list(event), sa.select(*event.values()).select_from(updated))
        .cte("inserted"),
        sa.insert(outbox)
        .from_select(list(copied), sa.select(*copied.values()).select_from(updated))
        .cte("inserted_into_outbox"),
    ]


def _insert_waybills(arguments: Arguments, updated: sa.FromClause) -> postgresql.Insert:
    waybill = _waybill(arguments)
    return (
        postgresql.insert(waybills)
        .from_select(list(waybill), sa.select(*waybill.values()).select_from(updated))
        .on_conflict_do_nothing()
    )


def _batch(
    columns: tuple[str, ...], *, pauses: PauseCheck, adds_waybill: bool = False
) -> BatchQuery:
    """The same for many orders. Orders that another transaction has locked are left out."""
    types = _types(columns)
    if not adds_waybill:
        del types["waybill"]
    steps = sa.select(parameter_rows(types)).cte("steps")
    arguments, position = {name: steps.c[name] for name in types}, steps.c[ORDINAL]
    unlocked = _unlocked(steps)
    updated = (
        _update(columns, arguments, pauses=pauses)
        .where(unlocked.c[ORDINAL] == position)
        .returning(*_order, position, steps.c.wakes)
        .cte("updated")
    )
    written = steps.join(updated, updated.c[ORDINAL] == position)
    inserts = _insert_event(arguments, written)
    if adds_waybill:
        inserts.append(_insert_waybills(arguments, written).cte("inserted_waybill"))
    row = [updated.c[column.key] for column in _order]
    notified = notification(updated.c.wakes).label("notified")
    query = sa.select(*row, notified, updated.c[ORDINAL]).add_cte(*inserts)
    return BatchQuery(query, types)


def _unlocked(steps: sa.CTE) -> sa.CTE:
    """The positions of the steps whose order nobody has locked; this statement locks them."""
    order = service_orders.alias("unlocked_order")
    is_own = (order.c.merchant_id == steps.c.key_merchant_id) & (order.c.id == steps.c.key_id)
    return (
        sa.select(steps.c[ORDINAL])
        .join(order, is_own)
        .with_for_update(of=order, skip_locked=True, key_share=True)
        .cte("unlocked")
    )
