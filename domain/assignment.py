"""Who may be put in charge of an order: the rules for the employee that a person names."""

from dataclasses import dataclass

from domain.decision import OrderFacts
from domain.permissions import Permission
from domain.queues import WORK_PERMISSIONS
from domain.refusals.assignment import AlreadyAssigned, AssigneeDisabled, AssigneeNotPermitted
from domain.refusals.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """An employee who is to be in charge of orders."""

    id: int
    name: str
    permissions: frozenset[Permission] = frozenset()
    is_disabled: bool = False


def assignee_blockers(facts: OrderFacts, assignee: Assignee) -> tuple[Refusal, ...]:
    """Every reason why the employee cannot be put in charge of the order."""
    blockers: list[Refusal] = []
    if facts.assignee_id == assignee.id:
        blockers.append(AlreadyAssigned(assigned_to=assignee.name))
    if assignee.is_disabled:
        blockers.append(AssigneeDisabled(assignee=assignee.name))
    needed = WORK_PERMISSIONS.get(facts.status, ())
    if needed and assignee.permissions.isdisjoint(needed):
        blockers.append(AssigneeNotPermitted(assignee=assignee.name, permissions=needed))
    return tuple(blockers)
