"""Creating, updating and deleting roles."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.characters import folded
from domain.desk.refunds import Ceiling
from domain.permissions import Permission
from domain.refusals.refusal import Refused
from domain.refusals.staff import NameTaken
from domain.staff_history import StaffEventKind, Values
from domain.staffing import check_ceiling, check_grant
from models.ids import new_id
from models.queries import staff
from models.staff import Role, employee_roles, roles
from models.tables import add
from resolvers.context import Context
from resolvers.staff.history import employees_with, named, record, role_values
from resolvers.staff.unchanged import Unchanged
from resolvers.staff_change import staff_change

RoleKey = tuple[int, int]


async def create_role(
    context: Context, name: str, permissions: Sequence[Permission], *, refund_ceiling: Ceiling
) -> RoleKey:
    """Raises Refused."""
    merchant_id, id_ = context.merchant_id, new_id()
    async with staff_change(context) as connection:
        check_grant(permissions, held=context.viewer.permissions, path=("permissions",))
        _check_ceiling(context, permissions, refund_ceiling)
        await _check_name(connection, merchant_id, name, own_id=None)
        role = Role(
            merchant_id=merchant_id,
            id=id_,
            name=name,
            name_key=folded(name),
            permissions=sorted(set(permissions)),
            refund_ceiling=refund_ceiling,
            created_at=context.now,
            updated_at=context.now,
        )
        await add(connection, role)
        await record(
            connection,
            context,
            StaffEventKind.ROLE_CREATED,
            subject=name,
            after=role_values(
                name=name, permissions=role.permissions, refund_ceiling=refund_ceiling
            ),
            role_id=id_,
        )
    return merchant_id, id_


async def update_role(
    context: Context,
    id_: int,
    *,
    name: str | None,
    permissions: Sequence[Permission] | None,
    refund_ceiling: Ceiling | Unchanged,
) -> RoleKey:
    """Change the given fields; None leaves name and permissions as they are. Raises Refused."""
    merchant_id = context.merchant_id
    async with staff_change(context) as connection:
        role = await staff.get_role(connection, merchant_id, id_)
        if name not in (None, role.name):
            await _check_name(connection, merchant_id, name, own_id=id_)
        if permissions is not None:
            added = set(permissions) - set(role.permissions)
            check_grant(added, held=context.viewer.permissions, path=("permissions",))
        granted = role.permissions if permissions is None else sorted(set(permissions))
        ceiling = (
            refund_ceiling if not isinstance(refund_ceiling, Unchanged) else role.refund_ceiling
        )
        if (granted, ceiling) != (role.permissions, role.refund_ceiling):
            _check_ceiling(context, granted, ceiling)
        new_name = role.name if name is None else name
        await connection.execute(
            sa.update(roles)
            .where(roles.c.merchant_id == merchant_id, roles.c.id == id_)
            .values(
                name=new_name,
                name_key=role.name_key if new_name == role.name else folded(new_name),
                permissions=granted,
                refund_ceiling=ceiling,
                updated_at=context.now,
            )
        )
        await record(
            connection,
            context,
            StaffEventKind.ROLE_CHANGED,
            subject=new_name,
            before=_values(role),
            after=role_values(name=new_name, permissions=granted, refund_ceiling=ceiling),
            role_id=id_,
        )
    return merchant_id, id_


async def delete_role(context: Context, id_: int) -> None:
    """Delete the role and remove it from its employees. Raises Refused."""
    merchant_id = context.merchant_id
    async with staff_change(context) as connection:
        role = await staff.get_role(connection, merchant_id, id_)
        holders = await employees_with(connection, merchant_id, id_)
        await connection.execute(
            sa.delete(employee_roles).where(
                employee_roles.c.merchant_id == merchant_id, employee_roles.c.role_id == id_
            )
        )
        await connection.execute(
            sa.delete(roles).where(roles.c.merchant_id == merchant_id, roles.c.id == id_)
        )
        await record(
            connection,
            context,
            StaffEventKind.ROLE_DELETED,
            subject=role.name,
            before={**_values(role), "EMPLOYEES": named(holders)},
            role_id=id_,
        )


def _values(role: sa.Row[Any]) -> Values:
    return role_values(
        name=role.name, permissions=role.permissions, refund_ceiling=role.refund_ceiling
    )


def _check_ceiling(context: Context, permissions: Sequence[str], ceiling: Ceiling) -> None:
    """Raises Refused."""
    if Permission.REFUND in permissions:
        check_ceiling(ceiling, held=context.viewer.refund_ceiling, path=("refundCeiling",))


async def _check_name(
    connection: AsyncConnection, merchant_id: int, name: str, *, own_id: int | None
) -> None:
    rows = await connection.execute(
        sa.select(roles.c.id).where(
            roles.c.merchant_id == merchant_id, roles.c.name_key == folded(name)
        )
    )
    if rows.scalar_one_or_none() not in (None, own_id):
        raise Refused(NameTaken(name=name, path=("name",)))
