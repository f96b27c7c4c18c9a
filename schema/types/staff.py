"""Roles, employees, permissions, and the viewer."""

from datetime import datetime
from typing import Final

import strawberry

from domain.actors import ActorKind
from domain.desk.refunds import Ceiling
from domain.money import yuan
from domain.permissions import Holder, Permission
from domain.scopes import ScopeGiver
from models.queries.assignments import count_open
from models.staff import employee_roles, employees, roles
from projection.fields import ToMany
from resolvers.staff.unchanged import UNCHANGED, Unchanged
from schema import ids
from schema.fields import column, computed, many, projected, subquery
from schema.scalars import Money
from schema.types.merchant import Merchant
from schema.types.node import Node

REFUND_CEILING: Final = (
    "退款上限. The most that a person may refund of one purchased item, freight included, in yuan. "
    "Null: no ceiling."
)


def ceiling_or_unchanged(value: Money | None) -> Ceiling | Unchanged:
    """The ceiling of a change: a field that is left out leaves it as it is, null removes it."""
    if value is strawberry.UNSET:
        return UNCHANGED
    return None if value is None else int(value)


def _permissions(stored: list[str]) -> list[Permission]:
    return [Permission(value) for value in stored]


@projected(roles)
@strawberry.type(description="角色. A named set of permissions of one merchant.")
class Role(Node):
    """A role."""

    id: strawberry.ID = computed(
        ids.of_person("Role"),
        (roles.c.merchant_id, roles.c.id),
        "The globally unique id.",
    )
    name: str = column(roles.c.name, "The name. Unique within the merchant.")
    permissions: list[Permission] = column(
        roles.c.permissions, "The permissions that the role grants.", _permissions
    )
    refund_ceiling: Money | None = column(
        roles.c.refund_ceiling, f"{REFUND_CEILING} Counts if the role grants `REFUND`.", yuan
    )
    updated_at: datetime = column(roles.c.updated_at, "When the role was last changed.")


@projected(employees)
@strawberry.type(description="员工. An employee of the merchant.")
class Employee(Node):
    """An employee."""

    id: strawberry.ID = computed(
        ids.of_person("Employee"),
        (employees.c.merchant_id, employees.c.id),
        "The globally unique id.",
    )
    name: str = column(employees.c.name, "The name that timelines show.")
    login: str = column(employees.c.login, "The login for signing in.")
    is_main_account: bool = column(
        employees.c.is_main, "Whether this is the merchant's main account (主账号)."
    )
    roles: list[Role] = many(
        ToMany(
            "Role",
            parent=(employees.c.merchant_id, employees.c.id),
            child=(employee_roles.c.merchant_id, employee_roles.c.employee_id),
            order_by=(roles.c.name,),
            through=lambda link, role: (
                (link.c.merchant_id == role.c.merchant_id) & (link.c.role_id == role.c.id)
            ),
        ),
        "The roles of the employee.",
    )
    extra_permissions: list[Permission] = column(
        employees.c.extra_permissions,
        "补充权限. The permissions granted in addition to those of the roles.",
        _permissions,
    )
    refund_ceiling: Money | None = column(
        employees.c.refund_ceiling,
        f"{REFUND_CEILING} Counts if `REFUND` is one of the extra permissions. The greatest "
        "ceiling of all roles and extra permissions that grant `REFUND` holds.",
        yuan,
    )
    disabled_at: datetime | None = column(
        employees.c.disabled_at, "When the account was disabled. Null while it is enabled."
    )
    unfinished_orders: int = subquery(
        count_open,
        int,
        "The number of unfinished service orders that are assigned to the employee. "
        "`disableEmployee` releases them.",
    )


@projected(employees)
@strawberry.type(description="The employee in charge of an order.")
class Assignee:
    """The part of an employee that everybody on the desk may see."""

    id: strawberry.ID = computed(
        ids.of_person("Employee"),
        (employees.c.merchant_id, employees.c.id),
        "The id of the employee.",
    )
    name: str = column(employees.c.name, "The name of the employee.")


@strawberry.type(description="An entry of the catalogue of permissions.")
class PermissionEntry:
    """An entry of the catalogue."""

    permission: Permission = strawberry.field(description="The permission.")
    holder: Holder = strawberry.field(
        description=(
            "The kind of principal that the permission is made for. `holders` are all kinds that "
            "can hold it."
        )
    )
    holders: list[Holder] = strawberry.field(
        description="All kinds of principal that can hold the permission."
    )
    scope_giver: ScopeGiver | None = strawberry.field(
        description="Who can grant it to a connector as a scope. Null if connectors cannot have it."
    )
    name: str = strawberry.field(description="The name, in the language of the request.")
    description: str = strawberry.field(
        description="The description, in the language of the request."
    )
    name_zh: str = strawberry.field(description="The name in Chinese.")
    name_en: str = strawberry.field(description="The name in English.")
    description_zh: str = strawberry.field(description="The description in Chinese.")
    description_en: str = strawberry.field(description="The description in English.")


@strawberry.type(description="A permission that the viewer holds, and where it comes from.")
class HeldPermission:
    """A permission of the viewer."""

    permission: Permission = strawberry.field(description="The permission.")
    through_roles: list[str] = strawberry.field(description="The names of the roles that grant it.")
    direct: bool = strawberry.field(
        description=(
            "Whether it is held without a role: as an extra permission, a scope or the main "
            "account."
        )
    )


@strawberry.type(description="The principal that sent the request, identified by its credentials.")
class Viewer:
    """The viewer."""

    id: strawberry.ID = strawberry.field(
        description=(
            "The globally unique id: for staff that of the `Employee`, otherwise that of the "
            "connector, of the platform account, or of the customer. `Actor.id` names people by it."
        )
    )
    kind: ActorKind = strawberry.field(description="The kind of principal.")
    name: str = strawberry.field(description="The name that timelines show.")
    merchant: Merchant | None = strawberry.field(
        description=(
            "The merchant that the viewer belongs to. Null for the platform and its storefronts."
        )
    )
    permissions: list[HeldPermission] = strawberry.field(
        description="All permissions of the viewer."
    )
    refund_ceiling: Money | None = strawberry.field(
        description=(
            "退款上限. The most that the viewer may refund of one purchased item, freight "
            'included, in yuan: "0.00" without the permission `REFUND`. Null: no ceiling.'
        )
    )


@strawberry.type(description="The effect of a role change on an employee.")
class RoleEffect:
    """An employee whose permissions would change."""

    employee_id: strawberry.ID = strawberry.field(description="The id of the employee.")
    name: str = strawberry.field(description="The name of the employee.")
    gains: list[Permission] = strawberry.field(
        description="The permissions that the employee would gain."
    )
    loses: list[Permission] = strawberry.field(
        description="The permissions that the employee would lose."
    )
    refund_ceiling_before: Money | None = strawberry.field(
        description=(
            'The present refund ceiling of the employee, in yuan: "0.00" without the permission '
            "`REFUND`. Null: no ceiling."
        )
    )
    refund_ceiling_after: Money | None = strawberry.field(
        description="The refund ceiling that the employee would have."
    )


@strawberry.type(description="The effects that a role change would have.")
class RolePreview:
    """The preview."""

    effects: list[RoleEffect] = strawberry.field(
        description=(
            "The active employees whose permissions or refund ceiling would change. Empty if there "
            "are none."
        )
    )
    orphaned: list[Permission] = strawberry.field(
        description=(
            "The permissions that no active employee except the main account would hold any more."
        )
    )
