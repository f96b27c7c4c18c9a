"""The journal for sets: many orders taken one step on, in two statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import Actor
from domain.clocks import Span
from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE, Action
from models.journal import Change, event_row, row_after
from models.queries.service_orders import Order
from models.rowset import rowset
from models.service_order import events, service_orders


class Changed(Exception):
    """An order has changed since it was read: the transaction has to be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The same step of many orders, worked out and not written yet.

    ``rows`` are keys of orders, their versions after the step and those columns that differ from
    one to the other, ``same`` are the others; ``told`` and ``telling`` are that of the events.
    """

    rows: Sequence[Mapping[str, Any]]  # Any: columns' values
    same: Mapping[str, Any]
    told: Sequence[Mapping[str, Any]]
    telling: Mapping[str, Any]


def work_out(
    steps: Sequence[tuple[Order, Change]],
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    windows: Sequence[Span],
) -> Steps:
    """Work out what ``record_all`` writes, of orders in one status.

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
        told.append(key | {"sequence": version, "details": change.details})
    first, change = steps[0]
    own = [name for name, value in values[0].items() if any(one[name] != value for one in values)]
    return Steps(
        rows=[
            key | {name: one[name] for name in own} for key, one in zip(keys, values, strict=True)
        ],
        same={name: value for name, value in values[0].items() if name not in own}
        | {"updated_at": now},
        told=told,
        telling=event_row((0, 0, 0), EVENTS[action], actor, change, at=now)
        | {"from_status": first.facts.status, "to_status": target or first.facts.status},
    )


async def record_all(connection: AsyncConnection, steps: Steps) -> None:
    """Change the orders, and tell of it. Raises Changed."""
    order, event, dialect = service_orders.c, events.c, connection.dialect.name
    given = rowset(dialect, steps.rows, {name: order[name].type for name in steps.rows[0]}).c
    written = await connection.execute(
        sa.update(service_orders)
        .where(
            order.merchant_id == given.merchant_id,
            order.id == given.id,
            order.version == given.version - 1,
        )
        .values(
            **steps.same,
            **{name: given[name] for name in steps.rows[0] if name not in ("merchant_id", "id")},
        )
    )
    if written.rowcount != len(steps.rows):
        raise Changed
    types = {
        "merchant_id": order.merchant_id.type,
        "id": order.id.type,
        "sequence": event.sequence.type,
        "details": event.details.type,
    }
    said = rowset(dialect, steps.told, types).c
    varying = {
        "merchant_id": said.merchant_id,
        "service_order_id": said.id,
        "sequence": said.sequence,
        "details": said.details,
    }
    same = {
        name: sa.literal(value, event[name].type)
        for name, value in steps.telling.items()
        if name not in varying
    }
    columns = varying | same
    await connection.execute(
        sa.insert(events).from_select(list(columns), sa.select(*columns.values()))
    )
