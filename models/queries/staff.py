"""Finding a merchant's roles and employees."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection, Prepared
from domain.desk.refunds import Refunder
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.staffing import refund_ceiling
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
            employees.c.refund_ceiling,
            roles.c.id.label("role_id"),
            roles.c.permissions.label("role_permissions"),
            roles.c.refund_ceiling.label("role_refund_ceiling"),
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


_GRANTS: Final = Prepared(
    sa.select(
        employees.c.id,
        employees.c.name,
        employees.c.is_main,
        employees.c.extra_permissions,
        employees.c.refund_ceiling,
        roles.c.permissions.label("role_permissions"),
        roles.c.refund_ceiling.label("role_refund_ceiling"),
    )
    .select_from(with_roles(employees))
    .where(
        employees.c.merchant_id == sa.bindparam("merchant_id"),
        employees.c.disabled_at.is_(None),
    )
    .order_by(employees.c.id)
)


async def refunders(session: AnyConnection, merchant_id: int) -> Sequence[Refunder]:
    """The active employees with their refund ceilings, the main account included."""
    rows = await _GRANTS.all(session, merchant_id=merchant_id)
    return [_refunder(list(group)) for _, group in groupby(rows, attrgetter("id"))]


def _refunder(rows: Sequence[Any]) -> Refunder:  # Any: rows of the columns above
    row = rows[0]
    ceiling = refund_ceiling(
        extra_permissions=row.extra_permissions,
        own_ceiling=row.refund_ceiling,
        roles=[(row.role_permissions, row.role_refund_ceiling) for row in rows],
    )
    return Refunder(
        id=row.id, name=row.name, ceiling=None if row.is_main else ceiling, is_main=row.is_main
    )
