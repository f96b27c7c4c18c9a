"""The effect of a step as values: the columns of the order that it sets, and its event."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from domain.actions import Action, Rule
from domain.actors import Actor
from domain.clocks import STORED_UNIT, Clocks, ReviewClock, Span
from domain.events import EVENTS, INTERNAL, EventKind
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.statuses import FINAL, Status
from models.journal.change import Change
from models.journal.targets import entered_target, with_target
from models.queries.service_orders import Order

Values = dict[str, Any]
"""Values by the names of their columns."""

_INSTANTS: Final[Mapping[Action, str]] = {
    Action.SHIP: "shipped_at",
    Action.RECEIVE: "received_at",
    Action.RECEIVE_CANCELLED: "received_at",
    Action.RETURN_CANCELLED: "returned_at",
    Action.REFUND: "processed_at",
    Action.EXCHANGE: "processed_at",
    Action.REPAIR: "processed_at",
    Action.SEND_BACK: "processed_at",
    Action.ESCALATE: "escalated_at",
    Action.REOPEN: "reopened_at",
    **dict.fromkeys(RULINGS, "ruled_at"),
}
"""The columns that hold when an action was taken."""

_UNDECIDED: Final[Mapping[str, Any]] = {
    "decision": None,
    "decided_by_kind": None,
    "decided_by_id": None,
    "decided_by": None,
    "decided_at": None,
    "review_reason": None,
    "own_review_reason": None,
    "review_customer_note": None,
    "review_address": None,
    "review_address_rule": None,
    "review_shipment": None,
    "review_pictures": [],
}
"""The columns of a decision that was taken back. Its event keeps what it said."""


def step_values(
    order: Order,
    action: Action,
    actor: Actor,
    change: Change,
    now: datetime,
    pauses: Sequence[Span],
) -> tuple[Values, Values]:
    """Return the columns of the order that the step sets, and all columns of its event.

    ``pauses`` are the pause windows that have not ended. The review clock's columns are left out if
    the step does not change that clock. The rules are not asked here: ``decide`` allows a step.
    """
    rule, at = LIFECYCLE[action], order.instant(now)
    row: Values = dict(change.values)
    if rule.target is not None:
        row |= _status_columns(order, rule, rule.target, at, pauses)
        target_at = entered_target(order.targets, rule.target, at, row["clock_due_at"], pauses)
        row["target_at"] = target_at
        if target_at is not None:
            change = replace(change, details=with_target(change.details, target_at))
    if rule.decides:
        row |= {
            "decision": action,
            "decided_by_kind": actor.kind,
            "decided_by_id": actor.id,
            "decided_by": actor.name,
            "decided_at": at,
        }
    if rule.takes_back:
        row |= _UNDECIDED
    if action in _INSTANTS:
        row[_INSTANTS[action]] = at
    row |= version_columns(order, EVENTS[action], at)
    event = event_values(order, EVENTS[action], actor, change, at, to_status=rule.target)
    return row, event


def _status_columns(
    order: Order, rule: Rule, target: Status, at: datetime, pauses: Sequence[Span]
) -> Values:
    clocks, decided = order.clocks, order.facts.decided
    decided_at = None if decided is None else decided.at
    after = clocks.enter(target, at, pauses, resumption=rule.resumption, decided_at=decided_at)
    columns = _status_clock(after)
    if after.review is not clocks.review:
        columns |= _review_clock(after.review)
    if after.review.started_at != clocks.review.started_at:
        columns["review_started_at"] = after.review.started_at
    return columns | {
        "status": target,
        "last_action": rule.action,
        "finished_at": at if target in FINAL else None,
        "auto_approval_blocked": False,
    }


def version_columns(order: Order, kind: EventKind, at: datetime) -> Values:
    """The columns that an event of the kind sets."""
    columns: Values = {"version": order.facts.version + 1, "updated_at": at}
    if kind not in INTERNAL:
        columns |= {
            "customer_version": order.facts.customer_version + 1,
            "customer_updated_at": at,
        }
    return columns


def event_values(
    order: Order,
    kind: EventKind,
    actor: Actor,
    change: Change,
    at: datetime,
    *,
    to_status: Status | None = None,
) -> Values:
    """All columns of the order's next event. Without ``to_status`` the status stays as it is."""
    facts = order.facts
    return {
        "merchant_id": facts.merchant_id,
        "service_order_id": order.id,
        "sequence": facts.version + 1,
        "customer_sequence": None if kind in INTERNAL else facts.customer_version + 1,
        "kind": kind,
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "customer_note": change.customer_note,
        "internal_note": change.internal_note,
        "details": change.details,
        "from_status": facts.status,
        "to_status": to_status or facts.status,
    }


def clock_columns(clocks: Clocks) -> Values:
    """The columns that hold the clocks."""
    return _status_clock(clocks) | _review_clock(clocks.review)


def _status_clock(clocks: Clocks) -> Values:
    return {
        "clock_started_at": clocks.started_at,
        "clock_due_at": clocks.due_at,
        "clock_pauses": stored_pauses(clocks.pauses),
    }


def _review_clock(review: ReviewClock) -> Values:
    left = review.rounded().left
    return {
        "review_due_at": review.due_at,
        "review_paused_at": review.paused_at,
        "review_left_ms": None if left is None else left // STORED_UNIT,
        "review_pauses": stored_pauses(review.pauses),
    }


def stored_pauses(pauses: Sequence[Span]) -> list[Values]:
    """The pauses as JSON, for columns and explanations."""
    return [{"from": pause.start.isoformat(), "to": pause.end.isoformat()} for pause in pauses]
