"""What the staff history says of employees and roles."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.refunds import Ceiling
from domain.staff_history import StaffEventKind, Values
from models.journal.staff import record_staff
from models.staff import employee_roles, employees, roles
from resolvers.context import Context


async def record(
    connection: AsyncConnection,
    context: Context,
    kind: StaffEventKind,
    *,
    subject: str,
    before: Values | None = None,
    after: Values | None = None,
    employee_id: int | None = None,
    role_id: int | None = None,
) -> None:
    """Record a change by the viewer, in the transaction that makes it."""
    await record_staff(
        connection,
        context.merchant_id,
        kind,
        context.viewer.actor,
        context.now,
        subject=subject,
        before=before or {},
        after=after or {},
        employee_id=employee_id,
        role_id=role_id,
    )


def employee_values(
    *,
    name: str,
    extra_permissions: Iterable[str],
    refund_ceiling: Ceiling,
    roles_held: Sequence[tuple[int, str]],
    login: str | None = None,
) -> Values:
    """An employee. ``login`` is told once: it never changes."""
    values: dict[str, Any] = {
        "NAME": name,
        "PERMISSIONS": sorted(extra_permissions),
        "REFUND_CEILING": refund_ceiling,
        "ROLES": named(roles_held),
    }
    return values if login is None else {"LOGIN": login} | values


def role_values(*, name: str, permissions: Iterable[str], refund_ceiling: Ceiling) -> Values:
    return {
        "NAME": name,
        "PERMISSIONS": sorted(permissions),
        "REFUND_CEILING": refund_ceiling,
    }


def named(rows: Iterable[tuple[int, str]]) -> list[dict[str, str]]:
    """Roles or employees by id, with the names that they have at the time."""
    return [{"id": str(id_), "name": name} for id_, name in sorted(rows)]


async def roles_held(
    connection: AsyncConnection, merchant_id: int, employee_id: int
) -> list[tuple[int, str]]:
    """The ids and names of an employee's roles."""
    rows = await connection.execute(
        sa.select(roles.c.id, roles.c.name)
        .join(
            employee_roles,
            (employee_roles.c.merchant_id == roles.c.merchant_id)
            & (employee_roles.c.role_id == roles.c.id),
        )
        .where(
            roles.c.merchant_id == merchant_id,
            employee_roles.c.employee_id == employee_id,
        )
    )
    return [(row.id, row.name) for row in rows]


async def employees_with(
    connection: AsyncConnection, merchant_id: int, role_id: int
) -> list[tuple[int, str]]:
    """The ids and names of the employees who have a role."""
    rows = await connection.execute(
        sa.select(employees.c.id, employees.c.name)
        .join(
            employee_roles,
            (employee_roles.c.merchant_id == employees.c.merchant_id)
            & (employee_roles.c.employee_id == employees.c.id),
        )
        .where(employees.c.merchant_id == merchant_id, employee_roles.c.role_id == role_id)
    )
    return [(row.id, row.name) for row in rows]
