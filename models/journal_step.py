"""The statements by which one order goes a step on, or many at the same time do."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from database.batch_statement import ORDINAL, BatchQuery, parameter_rows
from database.prepared import BatchablePrepared, Pair, Prepared
from models.queries import calendar
from models.service_order import events, service_orders
from models.wake import notifying

_order: Final = service_orders.c

Values = Mapping[str, sa.ColumnElement[Any]]
"""What a step says, by the names that ``_kinds`` gives: parameters, or columns of many."""


def _kinds(names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    """The parameters of a step that sets the named columns of the order."""
    return {
        "at_merchant_id": _order.merchant_id.type,
        "at_id": _order.id.type,
        "at_version": _order.version.type,
        **{f"set_{name}": _order[name].type for name in names},
        **{f"event_{column.key}": column.type for column in events.c},
        "soon": sa.Boolean(),
        "heeded": sa.Integer(),
        "now": _order.updated_at.type,
    }


def _one(names: Sequence[str]) -> Values:
    return {name: sa.bindparam(name, type_=kind) for name, kind in _kinds(names).items()}


def _update(names: Sequence[str], said: Values, *, heeds: bool) -> sa.Update:
    """The update that holds only if nobody else was faster, and if no pause was declared."""
    update = sa.update(service_orders).where(
        _order.merchant_id == said["at_merchant_id"],
        _order.id == said["at_id"],
        _order.version == said["at_version"],
    )
    if heeds:
        update = update.where(calendar.heeds(said["heeded"], said["now"]))
    return update.values({name: said[f"set_{name}"] for name in names})


def _event(said: Values) -> dict[str, sa.ColumnElement[Any]]:
    return {column.key: said[f"event_{column.key}"] for column in events.c}


_ADD_EVENT: Final = Prepared(
    sa.insert(events).values(_event(_one(()))).returning(events.c.sequence)
)


@cache
def in_two(names: tuple[str, ...]) -> Pair:
    """The change and then the event, for a transaction on SQLite; one for each set of columns."""
    change = Prepared(_update(names, _one(names), heeds=False).returning(*_order))
    return Pair(change, _ADD_EVENT)


@cache
def update_and_event(names: tuple[str, ...], *, heeds: bool) -> BatchablePrepared:
    """Both in one statement, and a word to the clocks: only if the row was changed."""
    said = _one(names)
    changed = _update(names, said, heeds=heeds).returning(*_order).cte("changed")
    event = _event(said)
    told = sa.insert(events).from_select(
        list(event), sa.select(*event.values()).select_from(changed)
    )
    woken = notifying(said["soon"]).label("woken")
    return BatchablePrepared(
        sa.select(*changed.c, woken).add_cte(told.cte("told")),
        partial(_many, names, heeds=heeds),
    )


def _many(names: tuple[str, ...], *, heeds: bool) -> BatchQuery:
    """The same for many orders, but for those that somebody else is at: nobody waits for them."""
    kinds = _kinds(names)
    asked = sa.select(parameter_rows(kinds)).cte("asked")
    said, at = {name: asked.c[name] for name in kinds}, asked.c[ORDINAL]
    free = _free(asked)
    changed = (
        _update(names, said, heeds=heeds)
        .where(free.c[ORDINAL] == at)
        .returning(*_order, at, asked.c.soon)
        .cte("changed")
    )
    event = _event(said)
    told = sa.insert(events).from_select(
        list(event),
        sa.select(*event.values()).select_from(asked.join(changed, changed.c[ORDINAL] == at)),
    )
    row = [changed.c[column.key] for column in _order]
    woken = notifying(changed.c.soon).label("woken")
    return BatchQuery(sa.select(*row, woken, changed.c[ORDINAL]).add_cte(told.cte("told")), kinds)


def _free(asked: sa.CTE) -> sa.CTE:
    """Those whose order nobody else is at; from here on it is ours."""
    order = service_orders.alias("free_order")
    met = (order.c.merchant_id == asked.c.at_merchant_id) & (order.c.id == asked.c.at_id)
    return (
        sa.select(asked.c[ORDINAL])
        .join(order, met)
        .with_for_update(of=order, skip_locked=True, key_share=True)
        .cte("free")
    )
