"""Writing the histories of a merchant's staff and of the platform's accounts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import Actor
from domain.staff_history import (
    PlatformAccountEventKind,
    StaffEventKind,
    Values,
    changes,
)
from models.staff_event import (
    PlatformAccountEvent,
    StaffEvent,
    platform_account_events,
    staff_events,
)
from models.tables import add


async def record_staff(
    connection: AsyncConnection,
    merchant_id: int,
    kind: StaffEventKind,
    actor: Actor,
    at: datetime,
    *,
    subject: str,
    before: Values | None = None,
    after: Values | None = None,
    employee_id: int | None = None,
    role_id: int | None = None,
) -> None:
    """Record a change of the merchant's staff; nothing if nothing changed.

    A change of which nothing is told, such as that of a password, has neither value. The caller
    holds the merchant's lock of ``staff_change``: no two changes get one sequence.
    """
    details: dict[str, Any] | None = {}
    if before is not None or after is not None:
        details = changes(before or {}, after or {})
    if details is None:
        return
    column = staff_events.c.sequence
    sequence = await _next(connection, column, staff_events.c.merchant_id == merchant_id)
    event = StaffEvent(
        merchant_id=merchant_id,
        sequence=sequence,
        kind=kind,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        employee_id=employee_id,
        role_id=role_id,
        subject=subject,
        details=details,
    )
    await add(connection, event)


async def record_platform_account(
    connection: AsyncConnection,
    kind: PlatformAccountEventKind,
    actor: Actor,
    at: datetime,
    *,
    account_id: int,
    subject: str,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Record a change of a platform account. The caller holds the lock of the accounts.

    A change of which nothing is told, such as that of a password, has neither value.
    """
    details: dict[str, Any] | None = {}
    if before is not None or after is not None:
        details = changes(before or {}, after or {})
    if details is None:
        return
    event = PlatformAccountEvent(
        sequence=await _next(connection, platform_account_events.c.sequence),
        kind=kind,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        account_id=account_id,
        subject=subject,
        details=details,
    )
    await add(connection, event)


async def _next(
    connection: AsyncConnection, column: sa.ColumnElement[int], *where: sa.ColumnElement[bool]
) -> int:
    last = await connection.scalar(sa.select(sa.func.max(column)).where(*where))
    return (last or 0) + 1
