"""Finding orders to assign, the employees who take charge of them, and each one's work."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.assignment import Assignee
from domain.permissions import MAIN_ACCOUNT, Permission
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.statuses import Status
from models.queries.service_orders import Order, orders, read
from models.service_order import service_orders
from models.staff import employees, roles, with_roles

IS_OPEN: Final = service_orders.c.finished_at.is_(None)
"""The condition for unfinished orders: that of their index."""


async def lock_assignee(
    connection: AsyncConnection, merchant_id: int, id_: int, *path: str
) -> Assignee:
    """The employee, who is not disabled or changed before this transaction ends.

    Several transactions may hold this lock at once. Raises Refused(NotFound).
    """
    result = await connection.execute(
        sa.select(
            employees.c.name,
            employees.c.is_main,
            employees.c.disabled_at,
            employees.c.extra_permissions,
            roles.c.permissions.label("role_permissions"),
        )
        .select_from(with_roles(employees))
        .where(employees.c.merchant_id == merchant_id, employees.c.id == id_)
        .with_for_update(read=True, of=employees)
    )
    rows = result.all()
    if not rows:
        raise Refused(NotFound(kind="Employee", path=path))
    first = rows[0]
    granted = {
        *first.extra_permissions,
        *(name for row in rows for name in row.role_permissions or ()),
    }
    return Assignee(
        id=id_,
        name=first.name,
        is_disabled=first.disabled_at is not None,
        permissions=MAIN_ACCOUNT if first.is_main else frozenset(map(Permission, granted)),
    )


async def find_names(
    connection: AsyncConnection, merchant_id: int, ids: Iterable[int | None]
) -> Mapping[int | None, Assignee]:
    """The employees with these ids, by id. Only ``id`` and ``name`` of them are read."""
    known = sorted({id_ for id_ in ids if id_ is not None})
    if not known:
        return {}
    rows = await connection.execute(
        sa.select(employees.c.id, employees.c.name).where(
            employees.c.merchant_id == merchant_id, employees.c.id.in_(known)
        )
    )
    return {row.id: Assignee(id=row.id, name=row.name) for row in rows}


async def lock_unassigned(
    connection: AsyncConnection, merchant_id: int, status: Status, *, most: int
) -> Sequence[Order]:
    """Lock and return orders that are assigned to nobody, the earliest deadline first.

    Orders that another transaction has locked are left out.
    """
    order = service_orders.c
    rows = await connection.execute(
        orders()
        .where(
            order.merchant_id == merchant_id,
            order.assignee_id.is_(None),
            order.status == status,
            IS_OPEN,
        )
        # With the assignee, which is the same for all: PostgreSQL then reads in the index's order.
        .order_by(order.assignee_id, order.clock_due_at, order.id)
        .limit(most)
        .with_for_update(of=service_orders, skip_locked=True)
    )
    return [read(row) for row in rows]


async def find_open(
    connection: AsyncConnection, merchant_id: int, assignee_id: int
) -> Sequence[int]:
    """The ids of the employee's unfinished orders, in ascending order."""
    order = service_orders.c
    rows = await connection.execute(
        sa.select(order.id).where(
            order.merchant_id == merchant_id, order.assignee_id == assignee_id, IS_OPEN
        )
    )
    # Sorted here: with an order and a limit, PostgreSQL may read all of the merchant's orders.
    return sorted(rows.scalars())


def count_open(employee: sa.FromClause) -> sa.ColumnElement[int]:
    """A column of a statement over employees: how many unfinished orders each of them has."""
    order = service_orders.alias()
    return (
        sa.select(sa.func.count())
        .select_from(order)
        .where(
            order.c.merchant_id == employee.c.merchant_id,
            order.c.assignee_id == employee.c.id,
            order.c.finished_at.is_(None),
        )
        .scalar_subquery()
    )
