"""Refusals about roles, employees and the permissions granted to them."""

from dataclasses import dataclass

from domain.permissions import Permission
from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class NameTaken(Refusal):
    """The name is already in use."""

    text = Text("名称已被使用: {name}", "The name is already in use: {name}.")
    name: str = fact("The name that is in use.")


@dataclass(frozen=True, kw_only=True)
class PermissionNotHeld(Refusal):
    """The viewer tried to grant permissions that the viewer does not hold."""

    text = Text(
        "您没有这些权限, 不能授予: {permissions}",
        "You cannot grant permissions that you do not hold: {permissions}.",
    )
    permissions: tuple[Permission, ...] = fact("The permissions that the viewer does not hold.")


@dataclass(frozen=True, kw_only=True)
class CeilingNotHeld(Refusal):
    """The viewer tried to grant a higher refund ceiling than the viewer's own."""

    text = Text(
        "不能授予高于您自己的退款上限: {ceiling} 元",
        "You cannot grant a higher refund ceiling than your own: {ceiling} yuan.",
    )
    ceiling: str = fact("The viewer's own refund ceiling, in yuan.")


@dataclass(frozen=True, kw_only=True)
class NotDelegable(Refusal):
    """The permissions cannot be granted to this kind of recipient."""

    text = Text(
        "这些权限不能授予: {permissions}",
        "These permissions cannot be granted here: {permissions}.",
    )
    permissions: tuple[Permission, ...] = fact(
        "The permissions that cannot be granted to this recipient."
    )


@dataclass(frozen=True, kw_only=True)
class RecipientNotPermitted(Refusal):
    """The recipient does not hold all required permissions."""

    text = Text(
        "接收人没有这些权限: {permissions}",
        "The recipient does not hold these permissions: {permissions}.",
    )
    permissions: tuple[Permission, ...] = fact("The permissions that the recipient does not hold.")


@dataclass(frozen=True, kw_only=True)
class MainAccountProtected(Refusal):
    """The main account cannot be disabled or restricted."""

    text = Text("主账号不可停用或限制", "The main account cannot be disabled or restricted.")
