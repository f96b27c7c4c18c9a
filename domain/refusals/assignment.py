"""Refusals of assigning, claiming and releasing service orders."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar

from domain.permissions import Permission
from domain.refusals.refusal import Refusal, fact
from domain.text import Language, Text
from domain.wording import DEFAULT_ZONE


@dataclass(frozen=True, kw_only=True)
class AlreadyAssigned(Refusal):
    """The order is assigned to another employee, or is already assigned as requested."""

    text = Text("服务单已分配给 {assigned_to}", "The order is already assigned to {assigned_to}.")
    unnamed: ClassVar[Text] = Text("服务单已分配", "The order is already assigned.")
    assigned_to: str | None = fact(
        "The name of the employee to whom the order is assigned. Null in `actions`: see `assignee`."
    )

    def message(self, language: Language, zone: tzinfo = DEFAULT_ZONE) -> str:
        if self.assigned_to is None:
            return self.unnamed.in_(language)
        return super().message(language, zone)


@dataclass(frozen=True, kw_only=True)
class NotAssigned(Refusal):
    """The order is assigned to nobody."""

    text = Text("服务单未分配给任何人", "The order is assigned to nobody.")


@dataclass(frozen=True, kw_only=True)
class AssigneeDisabled(Refusal):
    """The employee's account is disabled."""

    text = Text("员工 {assignee} 已停用", "The account of {assignee} is disabled.")
    assignee: str = fact("The name of the employee.")


@dataclass(frozen=True, kw_only=True)
class AssigneeNotPermitted(Refusal):
    """The employee may not work on orders in the status of this order."""

    text = Text(
        "员工 {assignee} 没有处理此服务单所需的权限: {permissions}",
        "{assignee} does not hold a permission to work on this order: {permissions}.",
    )
    assignee: str = fact("The name of the employee.")
    permissions: tuple[Permission, ...] = fact(
        "The permissions of which the employee needs one for an order in this status."
    )
