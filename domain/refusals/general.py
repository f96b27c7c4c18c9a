"""Refusals that any use case can give: no such object, no permission, not your action."""

from dataclasses import dataclass

from domain.permissions import Permission
from domain.refusals.refusal import Refusal, fact
from domain.text import Text
from domain.wording import KINDS


@dataclass(frozen=True, kw_only=True)
class NotFound(Refusal):
    """The object does not exist, or the viewer may not see it."""

    text = Text("找不到此{kind}", "There is no such {kind}.")
    kind: str = fact("The type of the object.", KINDS)


@dataclass(frozen=True, kw_only=True)
class MissingPermission(Refusal):
    """The viewer does not hold the required permission."""

    text = Text("需要权限“{permission}”", 'This requires the permission "{permission}".')
    permission: Permission = fact("The missing permission.")


@dataclass(frozen=True, kw_only=True)
class NotYours(Refusal):
    """Only another principal may take the action: another customer, the customer or the system."""

    text = Text("您不能执行此操作", "You may not take this action.")
