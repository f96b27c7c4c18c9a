"""The journal for assignments: many orders get one assignee, or none, each with its event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actions import Action
from domain.actors import Actor
from domain.assignment import Assignee
from domain.statuses import Status
from models.journal.change import Change
from models.journal.sets import record_all, step_batch
from models.queries.service_orders import Order

BATCH: Final = 500
"""The most orders that one statement writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """An order, and who was and who is to be in charge of it; None is nobody."""

    order: Order
    before: Assignee | None
    after: Assignee | None


def assignment_change(
    before: Assignee | None, after: Assignee | None, reason: str | None = None
) -> Change:
    """The change of an assignment. ``reason`` says why the server made it by itself."""
    details: dict[str, Any] = {}
    if after is not None:
        details |= {"assigneeId": str(after.id), "assignee": after.name}
    if before is not None:
        details |= {"previousAssigneeId": str(before.id), "previousAssignee": before.name}
    if reason is not None:
        details["cause"] = reason
    return Change(values={"assignee_id": after and after.id}, details=details)


async def record_assignments(
    connection: AsyncConnection,
    assignments: Sequence[Assignment],
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Write the assignments, which have one assignee in common. Raises ConcurrentChange.

    The rules are not asked here: ``decide`` allows a step.
    """
    alike = dict[tuple[Status, datetime], list[tuple[Order, Change]]]()
    for assignment in assignments:
        order = assignment.order
        change = assignment_change(assignment.before, assignment.after, reason)
        alike.setdefault((order.facts.status, order.instant(now)), []).append((order, change))
    for (_, at), steps in alike.items():
        for start in range(0, len(steps), BATCH):
            part = steps[start : start + BATCH]
            await record_all(connection, step_batch(part, action, actor, now=at, pauses=()))
