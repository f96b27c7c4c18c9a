"""Mutations of roles and employees."""

import strawberry

from domain.passwords import MAX_PASSWORD, MIN_PASSWORD, new_password
from domain.permissions import Permission
from domain.words import MAX_NAME, at_most, line, optional_line, reference
from execution.sources import object_source
from resolvers.staff.employees import (
    create_employee,
    disable_employee,
    enable_employee,
    update_employee,
)
from resolvers.staff.roles import create_role, delete_role, update_role
from schema import ids
from schema.fields import Info, mutation
from schema.scalars import Money
from schema.types.payload import DeletedPayload, refusals_field
from schema.types.refusal import Refusal
from schema.types.staff import REFUND_CEILING, Employee, Role, ceiling_or_unchanged

MAX_ROLE_NAME = 32
MAX_ROLES = 50


@strawberry.input(description="The role to create.")
class CreateRoleInput:
    """A role."""

    name: str = strawberry.field(
        description=f"The name, unique within the merchant. At most {MAX_ROLE_NAME} characters."
    )
    permissions: list[Permission] = strawberry.field(
        description="The permissions that the role grants."
    )
    refund_ceiling: Money | None = strawberry.field(
        default=None, description=f"{REFUND_CEILING} Counts if the role grants `REFUND`."
    )


@strawberry.input(description="The changes to a role. Fields that are left out do not change.")
class UpdateRoleInput:
    """A change."""

    id: strawberry.ID = strawberry.field(description="The id of the role.")
    name: str | None = strawberry.field(
        default=None, description=f"The new name. At most {MAX_ROLE_NAME} characters."
    )
    permissions: list[Permission] | None = strawberry.field(
        default=None, description="The new permissions, which replace the current ones."
    )
    refund_ceiling: Money | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"{REFUND_CEILING} Counts if the role grants `REFUND`.",
    )


@strawberry.input(description="The role to delete.")
class DeleteRoleInput:
    """A deletion."""

    id: strawberry.ID = strawberry.field(description="The id of the role.")


@strawberry.type(description="The saved role.")
class RolePayload:
    """A role's payload."""

    role: Role | None = strawberry.field(
        default=None, description="The role. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(
    description=(
        "The employee to add. Without roles and extra permissions, an employee has no permissions."
    )
)
class CreateEmployeeInput:
    """An employee."""

    login: str = strawberry.field(
        description=f"The login, unique within the platform. At most {MAX_NAME} characters."
    )
    password: str = strawberry.field(
        description=f"The password, {MIN_PASSWORD} to {MAX_PASSWORD} characters."
    )
    name: str = strawberry.field(description=f"The name. At most {MAX_NAME} characters.")
    role_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description=f"The ids of the roles, at most {MAX_ROLES}."
    )
    extra_permissions: list[Permission] = strawberry.field(
        default_factory=list, description="补充权限. Permissions in addition to those of the roles."
    )
    refund_ceiling: Money | None = strawberry.field(
        default=None,
        description=f"{REFUND_CEILING} Counts if `REFUND` is one of the extra permissions.",
    )


@strawberry.input(description="The changes to an employee. Fields that are left out do not change.")
class UpdateEmployeeInput:
    """A change."""

    id: strawberry.ID = strawberry.field(description="The id of the employee.")
    name: str | None = strawberry.field(
        default=None, description=f"The new name. At most {MAX_NAME} characters."
    )
    role_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=(
            f"The ids of the new roles, at most {MAX_ROLES}, which replace the current ones."
        ),
    )
    extra_permissions: list[Permission] | None = strawberry.field(
        default=None,
        description="补充权限. The new extra permissions, which replace the current ones.",
    )
    refund_ceiling: Money | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"{REFUND_CEILING} Counts if `REFUND` is one of the extra permissions.",
    )


@strawberry.input(description="The employee.")
class EmployeeInput:
    """An employee."""

    id: strawberry.ID = strawberry.field(description="The id of the employee.")


@strawberry.type(description="The saved employee.")
class EmployeePayload:
    """An employee's payload."""

    employee: Employee | None = strawberry.field(
        default=None, description="The employee. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


def _roles(info: Info, role_ids: list[strawberry.ID]) -> list[int]:
    at_most(role_ids, "roleIds", most=MAX_ROLES)
    merchant = info.context.merchant_id
    return [
        ids.within(merchant, "Role", id_, "roleIds", str(index))
        for index, id_ in enumerate(role_ids)
    ]


@strawberry.type(description="The disabled employee.")
class DisableEmployeePayload(EmployeePayload):
    """A disabled employee's payload."""

    freed: int = strawberry.field(
        default=0,
        description=(
            "The number of unfinished orders that were assigned to the employee and are now "
            "assigned to nobody (未分配)."
        ),
    )


@strawberry.type
class StaffMutations:
    """Mutations of roles and employees, all for the main account."""

    @mutation(Permission.STAFF_MANAGE)
    async def create_role(self, info: Info, input: CreateRoleInput) -> RolePayload:
        """Creates a role. The viewer must hold every permission that it grants."""
        name = line(input.name, "name", longest=MAX_ROLE_NAME)
        ceiling = None if input.refund_ceiling is None else int(input.refund_ceiling)
        key = await create_role(info.context, name, input.permissions, refund_ceiling=ceiling)
        return RolePayload(role=object_source("Role", key))

    @mutation(Permission.STAFF_MANAGE)
    async def update_role(self, info: Info, input: UpdateRoleInput) -> RolePayload:
        """Renames a role or changes its permissions. `rolePreview` shows who is affected."""
        key = await update_role(
            info.context,
            ids.within(info.context.merchant_id, "Role", input.id, "id"),
            name=optional_line(input.name, "name", longest=MAX_ROLE_NAME),
            permissions=input.permissions,
            refund_ceiling=ceiling_or_unchanged(input.refund_ceiling),
        )
        return RolePayload(role=object_source("Role", key))

    @mutation(Permission.STAFF_MANAGE)
    async def delete_role(self, info: Info, input: DeleteRoleInput) -> DeletedPayload:
        """Deletes a role and removes it from all employees."""
        merchant = info.context.merchant_id
        await delete_role(info.context, ids.within(merchant, "Role", input.id, "id"))
        return DeletedPayload(done=True, deleted_id=input.id)

    @mutation(Permission.STAFF_MANAGE)
    async def create_employee(self, info: Info, input: CreateEmployeeInput) -> EmployeePayload:
        """Adds an employee."""
        key = await create_employee(
            info.context,
            login=reference(input.login, "login", longest=MAX_NAME),
            password=new_password(input.password, "password", login=input.login),
            name=line(input.name, "name", longest=MAX_NAME),
            role_ids=_roles(info, input.role_ids),
            extra_permissions=input.extra_permissions,
            refund_ceiling=None if input.refund_ceiling is None else int(input.refund_ceiling),
        )
        return EmployeePayload(employee=object_source("Employee", key))

    @mutation(Permission.STAFF_MANAGE)
    async def update_employee(self, info: Info, input: UpdateEmployeeInput) -> EmployeePayload:
        """Changes an employee. New permissions apply from the employee's next mutation."""
        key = await update_employee(
            info.context,
            ids.within(info.context.merchant_id, "Employee", input.id, "id"),
            name=optional_line(input.name, "name", longest=MAX_NAME),
            role_ids=None if input.role_ids is None else _roles(info, input.role_ids),
            extra_permissions=input.extra_permissions,
            refund_ceiling=ceiling_or_unchanged(input.refund_ceiling),
        )
        return EmployeePayload(employee=object_source("Employee", key))

    @mutation(Permission.STAFF_MANAGE)
    async def disable_employee(self, info: Info, input: EmployeeInput) -> DisableEmployeePayload:
        """Disables an employee's account, ends its sessions and releases its unfinished orders."""
        id_ = ids.within(info.context.merchant_id, "Employee", input.id, "id")
        key, freed = await disable_employee(info.context, id_)
        return DisableEmployeePayload(employee=object_source("Employee", key), freed=freed)

    @mutation(Permission.STAFF_MANAGE)
    async def enable_employee(self, info: Info, input: EmployeeInput) -> EmployeePayload:
        """Enables an employee's account again."""
        id_ = ids.within(info.context.merchant_id, "Employee", input.id, "id")
        return EmployeePayload(
            employee=object_source("Employee", await enable_employee(info.context, id_))
        )
