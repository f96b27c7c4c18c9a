"""Finding a merchant's roles and employees."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.staff import employees, roles, with_roles


async def get_role(connection: AsyncConnection, merchant_id: int, id_: int) -> sa.Row[Any]:
    """Raises Refused(NotFound)."""
    result = await connection.execute(
        sa.select(roles).where(roles.c.merchant_id == merchant_id, roles.c.id == id_)
    )
    row = result.one_or_none()
    if row is None:
        raise Refused(NotFound(kind="Role", path=("id",)))
    return row


async def get_employee(connection: AsyncConnection, merchant_id: int, id_: int) -> sa.Row[Any]:
    """Raises Refused(NotFound)."""
    result = await connection.execute(
        sa.select(employees).where(employees.c.merchant_id == merchant_id, employees.c.id == id_)
    )
    row = result.one_or_none()
    if row is None:
        raise Refused(NotFound(kind="Employee", path=("id",)))
    return row


async def roles_of(
    connection: AsyncConnection, merchant_id: int, id_: int
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The active employee: one row for each role, at least one. Raises Refused(NotFound)."""
    result = await connection.execute(
        sa.select(
            employees.c.id,
            employees.c.name,
            employees.c.is_main,
            employees.c.extra_permissions,
            roles.c.permissions.label("role_permissions"),
        )
        .select_from(with_roles(employees))
        .where(
            employees.c.merchant_id == merchant_id,
            employees.c.id == id_,
            employees.c.disabled_at.is_(None),
        )
    )
    rows = result.all()
    if not rows:
        raise Refused(NotFound(kind="Employee", path=("employeeId",)))
    return rows


async def holdings(
    connection: AsyncConnection, merchant_id: int
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """All active employees but the main account: one row for each role, at least one."""
    result = await connection.execute(
        sa.select(
            employees.c.id,
            employees.c.name,
            employees.c.extra_permissions,
            roles.c.id.label("role_id"),
            roles.c.permissions.label("role_permissions"),
        )
        .select_from(with_roles(employees))
        .where(
            employees.c.merchant_id == merchant_id,
            employees.c.disabled_at.is_(None),
            ~employees.c.is_main,
        )
        .order_by(employees.c.id)
    )
    return result.all()
