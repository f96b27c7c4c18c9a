"""Roles and employees."""

import strawberry

from auth.passwords import MAX_PASSWORD, MIN_PASSWORD
from domain.permissions import Permission
from domain.words import MAX_NAME, at_most, optional_words, words
from execution.answers import one
from resolvers.staff.employees import (
    create_employee,
    disable_employee,
    enable_employee,
    update_employee,
)
from resolvers.staff.roles import create_role, delete_role, update_role
from schema import ids
from schema.fields import Info, mutation
from schema.types.payload import DonePayload, refusals_field
from schema.types.refusal import Refusal
from schema.types.staff import Employee, Role

MAX_ROLE_NAME = 32
MAX_ROLES = 50


@strawberry.input(description="A role to create.")
class CreateRoleInput:
    """A role."""

    name: str = strawberry.field(
        description=f"The name, unique in the merchant, up to {MAX_ROLE_NAME} characters."
    )
    permissions: list[Permission] = strawberry.field(description="What it lets its holders do.")


@strawberry.input(description="What to change of a role; what is left out stays.")
class UpdateRoleInput:
    """A change."""

    id: strawberry.ID = strawberry.field(description="Which role.")
    name: str | None = strawberry.field(default=None, description="The new name.")
    permissions: list[Permission] | None = strawberry.field(
        default=None, description="Everything that it lets its holders do from now on."
    )


@strawberry.input(description="Which role to delete.")
class DeleteRoleInput:
    """A deletion."""

    id: strawberry.ID = strawberry.field(description="Which role.")


@strawberry.type(description="A role that was saved.")
class RolePayload:
    """A role's payload."""

    role: Role | None = strawberry.field(
        default=None, description="The role; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="An employee to add. Without roles they may do nothing.")
class CreateEmployeeInput:
    """An employee."""

    login: str = strawberry.field(
        description=f"What to sign in with, unique over the platform, up to {MAX_NAME} characters."
    )
    password: str = strawberry.field(description=f"{MIN_PASSWORD} to {MAX_PASSWORD} characters.")
    name: str = strawberry.field(description=f"The name, up to {MAX_NAME} characters.")
    role_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The roles to begin with."
    )
    extra_permissions: list[Permission] = strawberry.field(
        default_factory=list, description="补充权限. What they may do besides."
    )


@strawberry.input(description="What to change of an employee; what is left out stays.")
class UpdateEmployeeInput:
    """A change."""

    id: strawberry.ID = strawberry.field(description="Which employee.")
    name: str | None = strawberry.field(default=None, description="The new name.")
    role_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="All the roles from now on."
    )
    extra_permissions: list[Permission] | None = strawberry.field(
        default=None, description="补充权限. All that they may do besides, from now on."
    )


@strawberry.input(description="Which employee.")
class EmployeeInput:
    """An employee."""

    id: strawberry.ID = strawberry.field(description="Which employee.")


@strawberry.type(description="An employee who was saved.")
class EmployeePayload:
    """An employee's payload."""

    employee: Employee | None = strawberry.field(
        default=None, description="The employee; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


def _roles(info: Info, given: list[strawberry.ID]) -> list[int]:
    at_most(given, "roleIds", most=MAX_ROLES)
    merchant = info.context.merchant_id
    return [ids.within(merchant, "Role", one, "roleIds", str(at)) for at, one in enumerate(given)]


@strawberry.type
class StaffMutations:
    """Mutations of roles and employees; all are the main account's."""

    @mutation(Permission.STAFF_MANAGE)
    async def create_role(self, info: Info, input: CreateRoleInput) -> RolePayload:
        """Create a role. Nobody grants what they do not hold."""
        name = words(input.name, "name", longest=MAX_ROLE_NAME)
        return RolePayload(
            role=one("Role", await create_role(info.context, name, input.permissions))
        )

    @mutation(Permission.STAFF_MANAGE)
    async def update_role(self, info: Info, input: UpdateRoleInput) -> RolePayload:
        """Rename a role, or change what it allows; `rolePreview` tells whom it touches."""
        key = await update_role(
            info.context,
            ids.within(info.context.merchant_id, "Role", input.id, "id"),
            name=optional_words(input.name, "name", longest=MAX_ROLE_NAME),
            permissions=input.permissions,
        )
        return RolePayload(role=one("Role", key))

    @mutation(Permission.STAFF_MANAGE)
    async def delete_role(self, info: Info, input: DeleteRoleInput) -> DonePayload:
        """Delete a role and take it from everybody who has it."""
        merchant = info.context.merchant_id
        await delete_role(info.context, ids.within(merchant, "Role", input.id, "id"))
        return DonePayload(done=True)

    @mutation(Permission.STAFF_MANAGE)
    async def create_employee(self, info: Info, input: CreateEmployeeInput) -> EmployeePayload:
        """Add an employee."""
        key = await create_employee(
            info.context,
            login=words(input.login, "login", longest=MAX_NAME),
            password=words(input.password, "password", shortest=MIN_PASSWORD, longest=MAX_PASSWORD),
            name=words(input.name, "name", longest=MAX_NAME),
            role_ids=_roles(info, input.role_ids),
            extra_permissions=input.extra_permissions,
        )
        return EmployeePayload(employee=one("Employee", key))

    @mutation(Permission.STAFF_MANAGE)
    async def update_employee(self, info: Info, input: UpdateEmployeeInput) -> EmployeePayload:
        """Change an employee; it holds from their next mutation on."""
        key = await update_employee(
            info.context,
            ids.within(info.context.merchant_id, "Employee", input.id, "id"),
            name=optional_words(input.name, "name", longest=MAX_NAME),
            role_ids=None if input.role_ids is None else _roles(info, input.role_ids),
            extra_permissions=input.extra_permissions,
        )
        return EmployeePayload(employee=one("Employee", key))

    @mutation(Permission.STAFF_MANAGE)
    async def disable_employee(self, info: Info, input: EmployeeInput) -> EmployeePayload:
        """Close an employee's account and end its sessions."""
        id_ = ids.within(info.context.merchant_id, "Employee", input.id, "id")
        return EmployeePayload(employee=one("Employee", await disable_employee(info.context, id_)))

    @mutation(Permission.STAFF_MANAGE)
    async def enable_employee(self, info: Info, input: EmployeeInput) -> EmployeePayload:
        """Open an employee's account again."""
        id_ = ids.within(info.context.merchant_id, "Employee", input.id, "id")
        return EmployeePayload(employee=one("Employee", await enable_employee(info.context, id_)))
