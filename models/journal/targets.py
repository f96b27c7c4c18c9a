"""The merchant's own target of an order, when it enters a status and when its clock is moved."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.clocks import Clocks, Span
from domain.statuses import Status
from domain.targets import TARGETED, ServiceTargets, StoredTargets
from models.queries.service_orders import Order


def entered_target(
    targets: StoredTargets | None,
    status: Status,
    at: datetime,
    due_at: datetime | None,
    pauses: Sequence[Span],
) -> datetime | None:
    """The target of an order that enters the status with this deadline; None without one."""
    if targets is None or status not in TARGETED.values():
        return None
    return targets.read().enter(status, at, due_at, pauses)


def moved_target(
    order: Order, moved: Clocks, now: datetime, before: Sequence[Span], after: Sequence[Span]
) -> datetime | None:
    """The target after a change of the pause windows that moved the order's clock."""
    old, new, target_at = order.clocks.due_at, moved.due_at, order.target_at
    if target_at is None or old is None or new is None:
        return target_at
    # An order keeps its target also if the merchant has none any more.
    targets = ServiceTargets(minutes={}) if order.targets is None else order.targets.read()
    return targets.reschedule(
        target_at,
        start=max(now, order.clocks.started_at or now),
        before=before,
        after=after,
        due_at=(old, new),
    )


def with_target(
    details: Mapping[str, Any] | None, target_at: datetime | None
) -> dict[str, Any] | None:  # Any: JSON
    """The details of an event that sets this target.

    The event keeps the result: which settings the merchant had then is not stored.
    """
    if target_at is None:
        return None if details is None else dict(details)
    return {**(details or {}), "targetAt": target_at.isoformat()}
