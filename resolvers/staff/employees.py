"""Creating, updating, disabling and enabling employees."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.passwords import hash_password
from database.advisory_lock import lock
from domain.actors import ActorKind
from domain.assignment import Assignee
from domain.desk.refunds import Ceiling
from domain.permissions import Permission
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.refusals.staff import MainAccountProtected, NameTaken
from domain.staff_history import StaffEventKind
from domain.staffing import check_ceiling, check_grant
from models.accounts import Account, accounts
from models.ids import new_id
from models.queries import staff
from models.queries.accounts import end_sessions
from models.staff import Employee, EmployeeRole, employee_roles, employees, roles
from models.tables import add
from resolvers.context import Context
from resolvers.staff.free_orders import free_orders
from resolvers.staff.history import employee_values, record, roles_held
from resolvers.staff.unchanged import Unchanged
from resolvers.staff_change import staff_change

EmployeeKey = tuple[int, int]


async def create_employee(
    context: Context,
    *,
    login: str,
    password: str,
    name: str,
    role_ids: Sequence[int],
    extra_permissions: Sequence[Permission],
    refund_ceiling: Ceiling,
) -> EmployeeKey:
    """Raises Refused."""
    merchant_id, id_ = context.merchant_id, new_id()
    password_hash = await hash_password(password)
    async with staff_change(context) as connection:
        await check_login(connection, login)
        granted = await _check_roles(connection, context, role_ids)
        held = context.viewer.permissions
        check_grant(extra_permissions, held=held, path=("extraPermissions",))
        _check_ceiling(context, extra_permissions, refund_ceiling, path=("refundCeiling",))
        await add(
            connection,
            Account(
                id=id_,
                login=login,
                password_hash=password_hash,
                kind=ActorKind.EMPLOYEE,
                merchant_id=merchant_id,
                name=name,
                created_at=context.now,
            ),
            Employee(
                merchant_id=merchant_id,
                id=id_,
                name=name,
                login=login,
                extra_permissions=sorted(set(extra_permissions)),
                refund_ceiling=refund_ceiling,
                created_at=context.now,
            ),
            *[
                EmployeeRole(merchant_id=merchant_id, employee_id=id_, role_id=role_id)
                for role_id in sorted(set(role_ids))
            ],
        )
        await record(
            connection,
            context,
            StaffEventKind.EMPLOYEE_CREATED,
            subject=name,
            after=employee_values(
                name=name,
                login=login,
                extra_permissions=set(extra_permissions),
                refund_ceiling=refund_ceiling,
                roles_held=granted,
            ),
            employee_id=id_,
        )
    return merchant_id, id_


async def update_employee(
    context: Context,
    id_: int,
    *,
    name: str | None,
    role_ids: Sequence[int] | None,
    extra_permissions: Sequence[Permission] | None,
    refund_ceiling: Ceiling | Unchanged,
) -> EmployeeKey:
    """Change the given fields; None leaves the others but the ceiling as they are.

    Raises Refused.
    """
    merchant_id = context.merchant_id
    async with staff_change(context) as connection:
        employee = await staff.get_employee(connection, merchant_id, id_)
        is_restricted = (
            role_ids is not None
            or extra_permissions is not None
            or not isinstance(refund_ceiling, Unchanged)
        )
        if employee.is_main and is_restricted:
            raise Refused(MainAccountProtected(path=("id",)))
        if extra_permissions is not None:
            added = set(extra_permissions) - set(employee.extra_permissions)
            check_grant(added, held=context.viewer.permissions, path=("extraPermissions",))
        held = new_roles = await roles_held(connection, merchant_id, id_)
        if role_ids is not None:
            new_roles = await _check_roles(connection, context, role_ids)
            await _set_roles(connection, merchant_id, id_, role_ids)
        extra = employee.extra_permissions
        if extra_permissions is not None:
            extra = sorted(set(extra_permissions))
        ceiling = (
            employee.refund_ceiling if isinstance(refund_ceiling, Unchanged) else refund_ceiling
        )
        if (extra, ceiling) != (employee.extra_permissions, employee.refund_ceiling):
            _check_ceiling(context, extra, ceiling, path=("refundCeiling",))
        new_name = employee.name if name is None else name
        await connection.execute(
            sa.update(employees)
            .where(employees.c.merchant_id == merchant_id, employees.c.id == id_)
            .values(name=new_name, extra_permissions=extra, refund_ceiling=ceiling)
        )
        await connection.execute(
            sa.update(accounts).where(accounts.c.id == id_).values(name=new_name)
        )
        await record(
            connection,
            context,
            StaffEventKind.EMPLOYEE_CHANGED,
            subject=new_name,
            before=employee_values(
                name=employee.name,
                extra_permissions=employee.extra_permissions,
                refund_ceiling=employee.refund_ceiling,
                roles_held=held,
            ),
            after=employee_values(
                name=new_name, extra_permissions=extra, refund_ceiling=ceiling, roles_held=new_roles
            ),
            employee_id=id_,
        )
    return merchant_id, id_


async def disable_employee(context: Context, id_: int) -> tuple[EmployeeKey, int]:
    """Disable the account, end its sessions and free its orders; return how many were freed.

    Idempotent. Raises Refused.
    """
    merchant_id = context.merchant_id
    async with staff_change(context) as connection:
        employee = await staff.get_employee(connection, merchant_id, id_)
        if employee.is_main:
            raise Refused(MainAccountProtected(path=("id",)))
        if employee.disabled_at is None:
            await _set_disabled(connection, merchant_id, id_, context.now)
            await end_sessions(connection, id_, context.now)
            kind = StaffEventKind.EMPLOYEE_DISABLED
            await _record_disabled(connection, context, kind, employee, disabled=True)
        # Not before: those who take charge of orders hold a lock on the row that was updated.
        freed = await free_orders(connection, context, Assignee(id=id_, name=employee.name))
    return (merchant_id, id_), freed


async def enable_employee(context: Context, id_: int) -> EmployeeKey:
    """Enable the account again; its old sessions stay ended. Raises Refused."""
    merchant_id = context.merchant_id
    async with staff_change(context) as connection:
        employee = await staff.get_employee(connection, merchant_id, id_)
        await _set_disabled(connection, merchant_id, id_, None)
        if employee.disabled_at is not None:
            kind = StaffEventKind.EMPLOYEE_ENABLED
            await _record_disabled(connection, context, kind, employee, disabled=False)
    return merchant_id, id_


async def check_login(connection: AsyncConnection, login: str) -> None:
    """Logins are unique over the whole platform. Raises Refused."""
    await lock(connection, "login", login)
    rows = await connection.execute(sa.select(accounts.c.id).where(accounts.c.login == login))
    if rows.scalar_one_or_none() is not None:
        raise Refused(NameTaken(name=login, path=("login",)))


async def _record_disabled(
    connection: AsyncConnection,
    context: Context,
    kind: StaffEventKind,
    employee: sa.Row[Any],
    *,
    disabled: bool,
) -> None:
    await record(
        connection,
        context,
        kind,
        subject=employee.name,
        before={"DISABLED": not disabled},
        after={"DISABLED": disabled},
        employee_id=employee.id,
    )


async def _set_disabled(
    connection: AsyncConnection, merchant_id: int, id_: int, disabled_at: datetime | None
) -> None:
    await connection.execute(
        sa.update(employees)
        .where(employees.c.merchant_id == merchant_id, employees.c.id == id_)
        .values(disabled_at=disabled_at)
    )
    await connection.execute(
        sa.update(accounts).where(accounts.c.id == id_).values(disabled_at=disabled_at)
    )


async def _set_roles(
    connection: AsyncConnection, merchant_id: int, id_: int, role_ids: Sequence[int]
) -> None:
    await connection.execute(
        sa.delete(employee_roles).where(
            employee_roles.c.merchant_id == merchant_id, employee_roles.c.employee_id == id_
        )
    )
    await add(
        connection,
        *[
            EmployeeRole(merchant_id=merchant_id, employee_id=id_, role_id=role_id)
            for role_id in sorted(set(role_ids))
        ],
    )


async def _check_roles(
    connection: AsyncConnection, context: Context, role_ids: Sequence[int]
) -> list[tuple[int, str]]:
    """Check that the merchant has the roles, and the viewer what they grant. Raises Refused.

    Returns the ids and names of the roles.
    """
    rows = await connection.execute(
        sa.select(roles.c.id, roles.c.name, roles.c.permissions, roles.c.refund_ceiling).where(
            roles.c.merchant_id == context.merchant_id, roles.c.id.in_(set(role_ids))
        )
    )
    role_by_id = {row.id: row for row in rows}
    for index, role_id in enumerate(role_ids):
        path = ("roleIds", str(index))
        if role_id not in role_by_id:
            raise Refused(NotFound(kind="Role", path=path))
        role = role_by_id[role_id]
        granted = [Permission(value) for value in role.permissions]
        check_grant(granted, held=context.viewer.permissions, path=path)
        _check_ceiling(context, granted, role.refund_ceiling, path=path)
    return [(row.id, row.name) for row in role_by_id.values()]


def _check_ceiling(
    context: Context, permissions: Sequence[str], ceiling: Ceiling, *, path: tuple[str, ...]
) -> None:
    """Raises Refused."""
    if Permission.REFUND in permissions:
        check_ceiling(ceiling, held=context.viewer.refund_ceiling, path=path)
