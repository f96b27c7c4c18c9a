"""Roles, employees, and what the viewer may do, as clients see them."""

from datetime import datetime

import strawberry

from domain.actors import ActorKind
from domain.permissions import Holder, Permission
from domain.scopes import ScopeGiver
from models.staff import employee_roles, employees, roles
from projection.fields import ToMany
from schema import ids
from schema.fields import column, computed, many, projected
from schema.types.merchant import Merchant
from schema.types.node import Node


def _permissions(stored: list[str]) -> list[Permission]:
    return [Permission(one) for one in stored]


@projected(roles)
@strawberry.type(description="角色. A named set of permissions of one merchant.")
class Role(Node):
    """A role."""

    id: strawberry.ID = computed(
        ids.of_person("Role"),
        (roles.c.merchant_id, roles.c.id),
        "The id, unique over all types.",
    )
    name: str = column(roles.c.name, "The name, unique in the merchant.")
    permissions: list[Permission] = column(
        roles.c.permissions, "What it lets its holders do.", _permissions
    )
    updated_at: datetime = column(roles.c.updated_at, "When it was last changed.")


@projected(employees)
@strawberry.type(description="员工. Somebody who works for the merchant.")
class Employee(Node):
    """An employee."""

    id: strawberry.ID = computed(
        ids.of_person("Employee"),
        (employees.c.merchant_id, employees.c.id),
        "The id, unique over all types.",
    )
    name: str = column(employees.c.name, "The name, as timelines show it.")
    login: str = column(employees.c.login, "What the employee signs in with.")
    is_main_account: bool = column(
        employees.c.is_main, "Whether this is 主账号, the merchant's owner."
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
        "The roles that the employee has.",
    )
    extra_permissions: list[Permission] = column(
        employees.c.extra_permissions,
        "补充权限. What this employee may do besides what the roles allow.",
        _permissions,
    )
    disabled_at: datetime | None = column(
        employees.c.disabled_at, "Since when the account is closed; null while it is open."
    )


@projected(employees)
@strawberry.type(description="Who is in charge of an order.")
class Assignee:
    """An employee as everybody on the desk may see them."""

    id: strawberry.ID = computed(
        ids.of_person("Employee"),
        (employees.c.merchant_id, employees.c.id),
        "The employee's id.",
    )
    name: str = column(employees.c.name, "The name.")


@strawberry.type(description="A line of the catalogue of permissions.")
class PermissionEntry:
    """What a permission means."""

    permission: Permission = strawberry.field(description="The permission.")
    holder: Holder = strawberry.field(description="Which kind of principal it is for.")
    scope_giver: ScopeGiver | None = strawberry.field(
        description="Who can give it to a connector as a scope; null if no connector can have it."
    )
    name: str = strawberry.field(description="Its name, in the language of the request.")
    description: str = strawberry.field(description="What it lets one do, in the same language.")
    name_zh: str = strawberry.field(description="Its name in Chinese.")
    name_en: str = strawberry.field(description="Its name in English.")
    description_zh: str = strawberry.field(description="What it lets one do, in Chinese.")
    description_en: str = strawberry.field(description="What it lets one do, in English.")


@strawberry.type(description="A permission that the viewer holds, and how.")
class HeldPermission:
    """A permission of the viewer."""

    permission: Permission = strawberry.field(description="The permission.")
    through_roles: list[str] = strawberry.field(description="The names of the roles that give it.")
    direct: bool = strawberry.field(
        description="Whether it is held without a role: an extra permission, a scope, the owner's."
    )


@strawberry.type(description="Whoever asks, from the credentials of the request.")
class Viewer:
    """The viewer."""

    kind: ActorKind = strawberry.field(description="What kind of principal asks.")
    name: str = strawberry.field(description="The name, as timelines will show it.")
    merchant: Merchant | None = strawberry.field(
        description="For whom the viewer works; null for the platform and its storefronts."
    )
    permissions: list[HeldPermission] = strawberry.field(
        description="Everything the viewer may do, and through what."
    )


@strawberry.type(description="What a change of a role would do to one employee.")
class RoleEffect:
    """An employee whom the change would touch."""

    employee_id: strawberry.ID = strawberry.field(description="The employee's id.")
    name: str = strawberry.field(description="The employee's name.")
    gains: list[Permission] = strawberry.field(description="What they could do then, and not now.")
    loses: list[Permission] = strawberry.field(description="What they can do now, and not then.")


@strawberry.type(description="What a change of a role would do, before it is done.")
class RolePreview:
    """The preview."""

    effects: list[RoleEffect] = strawberry.field(
        description="Active employees who would gain or lose something; empty if nobody would."
    )
    orphaned: list[Permission] = strawberry.field(
        description="Permissions that no active employee would hold any more, the owner aside."
    )
