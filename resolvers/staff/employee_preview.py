"""Previewing what disabling or moving an employee does, and counting who holds a permission."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.refunds import Ceiling
from domain.permissions import DELEGABLE, Permission
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.refusals.staff import MainAccountProtected
from domain.staffing import working_scopes
from domain.statuses import FINAL, Status
from models.accounts import connectors
from models.queries import staff
from models.service_order import service_orders
from models.staff import roles
from resolvers.context import Context
from resolvers.staff.preview import Holdings
from resolvers.staff.unchanged import Unchanged

_OPEN = sorted(set(Status) - FINAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorEffect:
    """A connector of the employee, and the scopes that would stop to work."""

    connector_id: int
    name: str
    loses: Sequence[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployeePreview:
    """The effects on the employee, on their connectors and orders, and on who holds what."""

    gains: Sequence[Permission]
    loses: Sequence[Permission]
    ceiling_before: Ceiling
    ceiling_after: Ceiling
    connectors: Sequence[ConnectorEffect]
    orphaned: Sequence[Permission]
    open_orders: int


async def preview_employee(
    context: Context,
    id_: int,
    *,
    role_ids: Sequence[int] | None,
    extra_permissions: Sequence[Permission] | None,
    refund_ceiling: Ceiling | Unchanged,
    disable: bool,
) -> EmployeePreview:
    """The effect of ``disable_employee``, or else of ``update_employee`` with the same fields.

    Raises Refused for an unknown employee or role, and for the main account.
    """
    merchant_id = context.merchant_id
    async with context.read() as connection:
        employee = await staff.get_employee(connection, merchant_id, id_)
        if employee.is_main:
            raise Refused(MainAccountProtected(path=("employeeId",)))
        rows = await staff.holdings(connection, merchant_id)
        granted = await _roles(connection, merchant_id, role_ids)
        owned = await _connectors(connection, merchant_id, id_)
        open_orders = await _open_orders(connection, merchant_id, id_)
    before, after = Holdings(), Holdings()
    for row in rows:
        before.add(row.id, row.extra_permissions, row.refund_ceiling)
        before.add(row.id, row.role_permissions or (), row.role_refund_ceiling)
        if row.id != id_:
            after.add(row.id, row.extra_permissions, row.refund_ceiling)
            after.add(row.id, row.role_permissions or (), row.role_refund_ceiling)
    if employee.disabled_at is None and not disable:
        ceiling = employee.refund_ceiling
        if not isinstance(refund_ceiling, Unchanged):
            ceiling = refund_ceiling
        extra = employee.extra_permissions if extra_permissions is None else extra_permissions
        after.add(id_, extra, ceiling)
        for role in _kept(rows, id_) if granted is None else granted:
            after.add(id_, role.permissions or (), role.refund_ceiling)
    return _effects(id_, before, after, owned, open_orders)


def _effects(
    id_: int,
    before: Holdings,
    after: Holdings,
    owned: Sequence[sa.Row[*tuple[Any, ...]]],
    open_orders: int,
) -> EmployeePreview:
    held = frozenset(before.permissions.get(id_, ()))
    will_hold = frozenset(after.permissions.get(id_, ()))
    covered = _union(before.permissions.values())
    effects = [
        ConnectorEffect(connector_id=row.id, name=row.name, loses=sorted(lost))
        for row in owned
        if (lost := _working(row, held) - _working(row, will_hold))
    ]
    return EmployeePreview(
        gains=sorted(will_hold - held),
        loses=sorted(held - will_hold),
        ceiling_before=before.ceiling(id_),
        ceiling_after=after.ceiling(id_),
        connectors=effects,
        orphaned=sorted(covered - _union(after.permissions.values())),
        open_orders=open_orders,
    )


async def coverage(context: Context) -> Mapping[Permission, int]:
    """How many active employees but the main account hold each permission that can be granted."""
    async with context.read() as connection:
        rows = await staff.holdings(connection, context.merchant_id)
    holdings = Holdings()
    for row in rows:
        holdings.add(row.id, row.extra_permissions, None)
        holdings.add(row.id, row.role_permissions or (), None)
    held = holdings.permissions.values()
    return {
        permission: sum(permission in permissions for permissions in held)
        for permission in Permission
        if permission in DELEGABLE
    }


@dataclass(frozen=True, slots=True)
class _Role:
    permissions: Sequence[str] | None
    refund_ceiling: Ceiling


def _kept(rows: Iterable[sa.Row[*tuple[Any, ...]]], id_: int) -> list[_Role]:
    return [_Role(row.role_permissions, row.role_refund_ceiling) for row in rows if row.id == id_]


def _working(row: sa.Row[*tuple[Any, ...]], owner: frozenset[Permission]) -> frozenset[Permission]:
    return working_scopes((Permission(value) for value in row.scopes), owner)


def _union(held: Iterable[set[Permission]]) -> set[Permission]:
    return set[Permission]().union(*held)


async def _roles(
    connection: AsyncConnection, merchant_id: int, role_ids: Sequence[int] | None
) -> list[_Role] | None:
    """Raises Refused for a role that does not exist."""
    if role_ids is None:
        return None
    rows = await connection.execute(
        sa.select(roles.c.id, roles.c.permissions, roles.c.refund_ceiling).where(
            roles.c.merchant_id == merchant_id, roles.c.id.in_(set(role_ids))
        )
    )
    role_by_id = {row.id: _Role(row.permissions, row.refund_ceiling) for row in rows}
    for index, role_id in enumerate(role_ids):
        if role_id not in role_by_id:
            raise Refused(NotFound(kind="Role", path=("roleIds", str(index))))
    return list(role_by_id.values())


async def _connectors(
    connection: AsyncConnection, merchant_id: int, id_: int
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    rows = await connection.execute(
        sa.select(connectors.c.id, connectors.c.name, connectors.c.scopes)
        .where(
            connectors.c.merchant_id == merchant_id,
            connectors.c.owner_id == id_,
            connectors.c.disabled_at.is_(None),
        )
        .order_by(connectors.c.id)
    )
    return rows.all()


async def _open_orders(connection: AsyncConnection, merchant_id: int, id_: int) -> int:
    count = await connection.scalar(
        sa.select(sa.func.count()).where(
            service_orders.c.merchant_id == merchant_id,
            service_orders.c.assignee_id == id_,
            service_orders.c.status.in_(_OPEN),
        )
    )
    return count or 0
