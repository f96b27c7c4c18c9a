"""The journal for sets: many orders taken one step on, in two statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.rowset import rowset
from domain.actors import Actor
from domain.clocks import Span
from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE, Action
from models.journal import Change, event_row, row_after
from models.queries.service_orders import Order
from models.service_order import events, service_orders


def by_instant(orders: Iterable[Order], now: datetime) -> Mapping[datetime, Sequence[Order]]:
    """The orders by when a step happens that is taken now: mostly all of them at ``now``."""
    found: dict[datetime, list[Order]] = {}
    for order in orders:
        found.setdefault(order.instant(now), []).append(order)
    return found


class ConcurrentChange(Exception):
    """An order has changed since it was read: the transaction has to be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBatch:
    """The same step of many orders, worked out and not written yet.

    ``rows`` are keys of orders, their versions after the step and those columns that differ from
    one to the other, ``same`` are the others; ``told`` and ``telling`` are that of the events.
    """

    rows: Sequence[Mapping[str, Any]]  # Any: columns' values
    same: Mapping[str, Any]
    told: Sequence[Mapping[str, Any]]
    telling: Mapping[str, Any]


def step_batch(
    steps: Sequence[tuple[Order, Change]],
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    windows: Sequence[Span],
) -> StepBatch:
    """Work out what ``record_all`` writes, of orders in one status.

    All happens at ``now``, which comes before nothing that happened to one of them: ``by_instant``.
    Whether the steps are allowed is not asked here: ``decide`` has said so. What differs from
    order to order among the changes' values has to be JSON.
    """
    target = LIFECYCLE[action].target
    keys, values = list[dict[str, Any]](), list[dict[str, Any]]()
    told = list[dict[str, Any]]()
    for order, change in steps:
        clocks = order.clocks if target is None else order.clocks.enter(target, now, windows)
        key = {"merchant_id": order.facts.merchant_id, "id": order.id}
        version = order.facts.version + 1
        keys.append(key | {"version": version})
        values.append(row_after(action, actor, clocks, change, now=now, before=order.clocks))
        told.append(
            {
                "merchant_id": order.facts.merchant_id,
                "service_order_id": order.id,
                "sequence": version,
                "details": change.details,
            }
        )
    first, change = steps[0]
    own = [name for name, value in values[0].items() if any(one[name] != value for one in values)]
    return StepBatch(
        rows=[
            key | {name: one[name] for name in own} for key, one in zip(keys, values, strict=True)
        ],
        same={name: value for name, value in values[0].items() if name not in own}
        | {"updated_at": now},
        told=told,
        telling=event_row((0, 0, 0), EVENTS[action], actor, change, at=now)
        | {"from_status": first.facts.status, "to_status": target or first.facts.status},
    )


async def record_all(connection: AsyncConnection, steps: StepBatch) -> None:
    """Change the orders, and tell of it. Raises Changed."""
    dialect, own = connection.dialect.name, tuple(steps.rows[0])
    written = await connection.execute(
        _update(dialect, own, tuple(steps.same)), {_ROWS: steps.rows, **_named(steps.same)}
    )
    if written.rowcount != len(steps.rows):
        raise ConcurrentChange
    same = {name: value for name, value in steps.telling.items() if name not in _VARYING}
    await connection.execute(_insert(dialect, tuple(same)), {_ROWS: steps.told, **_named(same)})


_ROWS: Final = "rows"
_VARYING: Final = ("merchant_id", "service_order_id", "sequence", "details")


def _named(same: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names of their parameters; a column's own name is taken by the column."""
    return {f"same_{name}": value for name, value in same.items()}


def _parameters(table: sa.Table, names: Sequence[str]) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"same_{name}", type_=table.c[name].type) for name in names}


# Both are put together once: for each batch anew that would take longer than its orders.


@cache
def _update(dialect: str, own: tuple[str, ...], same: tuple[str, ...]) -> sa.Update:
    order = service_orders.c
    given = rowset(dialect, _ROWS, {name: order[name].type for name in own}).c
    return (
        sa.update(service_orders)
        .where(
            order.merchant_id == given.merchant_id,
            order.id == given.id,
            order.version == given.version - 1,
        )
        .values(
            **_parameters(service_orders, same),
            **{name: given[name] for name in own if name not in ("merchant_id", "id")},
        )
    )


@cache
def _insert(dialect: str, same: tuple[str, ...]) -> sa.Insert:
    types = {name: events.c[name].type for name in _VARYING}
    told = rowset(dialect, _ROWS, types).c
    columns = {name: told[name] for name in _VARYING} | _parameters(events, same)
    return sa.insert(events).from_select(list(columns), sa.select(*columns.values()))
