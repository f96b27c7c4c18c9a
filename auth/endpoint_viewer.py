"""The viewer of a webhook endpoint: its scopes, as far as its owner still holds what they take."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.viewer import Grant, Viewer
from domain.actors import ActorKind
from domain.enrolment import EnrolmentStatus
from domain.permissions import DELEGABLE, MAIN_ACCOUNT, Permission
from domain.staffing import working_scopes
from models.merchant import merchants
from models.staff import employees, roles, with_roles

NAME = "Webhook"


async def find_viewer(
    connection: AsyncConnection,
    merchant_id: int,
    endpoint_id: int,
    *,
    owner_id: int,
    scopes: Sequence[str],
) -> Viewer | None:
    """The viewer; None while the merchant is suspended, when nobody of its staff works either."""
    owner = merchants.outerjoin(
        employees,
        (employees.c.merchant_id == merchants.c.id)
        & (employees.c.id == owner_id)
        & employees.c.disabled_at.is_(None),
    )
    statement = (
        sa.select(
            merchants.c.enrolment,
            merchants.c.time_zone,
            employees.c.id,
            employees.c.is_main,
            employees.c.extra_permissions,
            roles.c.permissions.label("role_permissions"),
        )
        .select_from(with_roles(owner))
        .where(merchants.c.id == merchant_id)
    )
    rows = (await connection.execute(statement)).all()
    if rows[0].enrolment == EnrolmentStatus.SUSPENDED:
        return None
    working = working_scopes([Permission(scope) for scope in scopes], _permissions(rows))
    return Viewer(
        kind=ActorKind.CONNECTOR,
        id=endpoint_id,
        name=NAME,
        merchant_id=merchant_id,
        grants={
            permission: Grant(direct=True) for permission in Permission if permission in working
        },
        zone=ZoneInfo(rows[0].time_zone),
    )


def _permissions(rows: Sequence[Any]) -> frozenset[Permission]:
    """What the owner holds now; nothing once the account is disabled. Any: a row for each role."""
    if rows[0].id is None:
        return frozenset()
    if rows[0].is_main:
        return MAIN_ACCOUNT
    stored = [*rows[0].extra_permissions]
    for row in rows:
        stored += row.role_permissions or ()
    return frozenset(Permission(value) for value in stored) & DELEGABLE
