"""The one way in which an order changes: a conditional update, and the event that tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from database.compiled import Row
from database.prepared import AnyConnection
from domain.actors import Actor
from domain.clocks import STORED_UNIT, Clocks, ReviewClock, Span
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE, Action
from domain.statuses import FINAL, Status
from models.journal_step import in_two, update_and_event
from models.queries.service_orders import Order
from models.wake import is_soon


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an action brings along: columns of the order to set, and what the event says."""

    values: Mapping[str, Any] = field(default_factory=dict)
    customer_note: str | None = None
    internal_note: str | None = None
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UpdatedRow:
    """An order's row as the database has it now: the driver's values of all columns in order."""

    dialect: sa.Dialect
    row: Row


async def record_step(
    session: AnyConnection,
    order: Order,
    action: Action,
    actor: Actor,
    change: Change,
    *,
    now: datetime,
    windows: Sequence[Span],
) -> UpdatedRow | None:
    """Take the order one step on. None, and nothing is written, if it changed since it was read.

    Whether the step is allowed is not asked here: ``decide`` has said so.
    """
    target, at = LIFECYCLE[action].target, order.instant(now)
    clocks = order.clocks if target is None else order.clocks.enter(target, at, windows)
    values = row_after(action, actor, clocks, change, now=at, before=order.clocks)
    return await append_event(
        session,
        order,
        EVENTS[action],
        actor,
        replace(change, values=values),
        now=now,
        to_status=target,
        heeded=None if target is None else windows,
    )


async def append_event(
    session: AnyConnection,
    order: Order,
    kind: EventKind,
    actor: Actor,
    change: Change,
    *,
    now: datetime,
    to_status: Status | None = None,
    heeded: Sequence[Span] | None = None,
) -> UpdatedRow | None:
    """Add an event, and change the row with it, if nobody else did since it was read.

    With the pauses that a clock has ``heeded``, nothing is written either if there are more by now:
    those that had not ended at ``now``. The event does not come before the order's last one.
    """
    version, at = order.facts.version + 1, order.instant(now)
    key = (order.facts.merchant_id, order.id, version)
    status = order.facts.status
    event = event_row(key, kind, actor, change, at=at)
    event |= {"from_status": status, "to_status": to_status or status}
    values = {**change.values, "version": version, "updated_at": at}
    soon = bool(change.values) and is_soon(
        change.values.get("clock_due_at", order.clocks.due_at), at
    )
    known = {
        "at_merchant_id": order.facts.merchant_id,
        "at_id": order.id,
        "at_version": order.facts.version,
        **{f"set_{name}": value for name, value in values.items()},
        **{f"event_{name}": value for name, value in event.items()},
    }
    if session.dialect.name == "postgresql":
        known |= {"soon": soon, "now": now, "heeded": len(heeded or ())}
        rows = await update_and_event(tuple(values), heeds=heeded is not None).raw(session, **known)
        return UpdatedRow(session.dialect, rows[0]) if rows else None
    # A transaction has the whole file: no pause is declared, and no clock looks, before it ends.
    rows = await in_two(tuple(values)).raw(session, **known)
    return UpdatedRow(session.dialect, rows[0]) if rows else None


def row_after(
    action: Action,
    actor: Actor,
    clocks: Clocks,
    change: Change,
    *,
    now: datetime,
    before: Clocks | None = None,
) -> dict[str, Any]:
    """The columns that a step sets, but for the version; ``clocks`` are those after it.

    Where those ``before`` are known, a review clock that stays as it was is left out.
    """
    rule = LIFECYCLE[action]
    values: dict[str, Any] = dict(change.values)
    if rule.target is not None:
        values |= _status_clock(clocks)
        if before is None or clocks.review is not before.review:
            values |= _review_clock(clocks.review)
        values |= {
            "status": rule.target,
            "last_action": action,
            "finished_at": now if rule.target in FINAL else None,
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
    return values


def event_row(
    key: tuple[int, int, int], kind: EventKind, actor: Actor, change: Change, *, at: datetime
) -> dict[str, Any]:
    """The columns of an event, but for the statuses; the key is merchant, order and sequence."""
    merchant_id, order_id, sequence = key
    return {
        "merchant_id": merchant_id,
        "service_order_id": order_id,
        "sequence": sequence,
        "kind": kind,
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "customer_note": change.customer_note,
        "internal_note": change.internal_note,
        "details": change.details,
    }


def clock_columns(clocks: Clocks) -> dict[str, Any]:
    """The columns that hold the clocks."""
    return _status_clock(clocks) | _review_clock(clocks.review)


def _status_clock(clocks: Clocks) -> dict[str, Any]:
    return {"clock_started_at": clocks.started_at, "clock_due_at": clocks.due_at}


def _review_clock(review: ReviewClock) -> dict[str, Any]:
    left = review.rounded().left
    return {
        "review_due_at": review.due_at,
        "review_paused_at": review.paused_at,
        "review_left_ms": None if left is None else left // STORED_UNIT,
        "review_pauses": [
            {"from": pause.start.isoformat(), "to": pause.end.isoformat()}
            for pause in review.pauses
        ],
    }
