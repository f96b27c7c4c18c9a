"""The one way in which an order changes: a conditional update, and the event that tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import Actor
from domain.clocks import Clocks, Span
from domain.events import EVENTS, EventKind
from domain.lifecycle import FINAL, LIFECYCLE, Action, Status
from models.queries.service_orders import Order
from models.service_order import events, service_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an action brings along: columns of the order to set, and what the event says."""

    values: Mapping[str, Any] = field(default_factory=dict)
    customer_note: str | None = None
    internal_note: str | None = None
    details: Mapping[str, Any] | None = None


async def record(
    connection: AsyncConnection,
    order: Order,
    action: Action,
    actor: Actor,
    change: Change,
    *,
    now: datetime,
    windows: Sequence[Span],
) -> bool:
    """Take the order one step on. False, and nothing is written, if it changed since it was read.

    Whether the step is allowed is not asked here: ``decide`` has said so.
    """
    rule = LIFECYCLE[action]
    source, target = order.facts.status, rule.target
    values: dict[str, Any] = dict(change.values)
    if target is not None:
        clocks = order.clocks.enter(target, now, windows)
        values |= clock_columns(clocks)
        values |= {
            "status": target,
            "last_action": action,
            "finished_at": now if target in FINAL else None,
            "auto_approval_blocked": False,
        }
    if rule.decides:
        values |= {
            "decision": action,
            "decided_by_kind": actor.kind,
            "decided_by_id": actor.id,
            "decided_by": actor.name,
            "decided_at": now,
        }
    return await append(
        connection,
        order,
        EVENTS[action],
        actor,
        Change(
            values=values,
            customer_note=change.customer_note,
            internal_note=change.internal_note,
            details=change.details,
        ),
        now=now,
        to_status=target or source,
    )


async def append(
    connection: AsyncConnection,
    order: Order,
    kind: EventKind,
    actor: Actor,
    change: Change,
    *,
    now: datetime,
    to_status: Status | None = None,
) -> bool:
    """Add an event, and change the row with it, if nobody else did since it was read."""
    version = order.facts.version + 1
    written = await connection.execute(
        sa.update(service_orders)
        .where(
            service_orders.c.merchant_id == order.facts.merchant_id,
            service_orders.c.id == order.id,
            service_orders.c.version == order.facts.version,
        )
        .values(**change.values, version=version, updated_at=now)
    )
    if written.rowcount != 1:
        return False
    status = order.facts.status
    await connection.execute(
        sa.insert(events).values(
            merchant_id=order.facts.merchant_id,
            service_order_id=order.id,
            sequence=version,
            kind=kind,
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            from_status=status,
            to_status=to_status or status,
            customer_note=change.customer_note,
            internal_note=change.internal_note,
            details=change.details,
        )
    )
    return True


def clock_columns(clocks: Clocks) -> dict[str, Any]:
    """The columns that hold the clocks."""
    review = clocks.review
    return {
        "clock_started_at": clocks.started_at,
        "clock_due_at": clocks.due_at,
        "review_due_at": review.due_at,
        "review_paused_at": review.paused_at,
        # Rounded up: rounded down, the deadline would come before its time.
        "review_left_ms": (
            None if review.left is None else -(-review.left // timedelta(milliseconds=1))
        ),
        "review_pauses": [
            {"from": pause.start.isoformat(), "to": pause.end.isoformat()}
            for pause in review.pauses
        ],
    }
