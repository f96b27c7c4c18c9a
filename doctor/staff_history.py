"""Checks a merchant's staff against the history of its changes.

A history says only what changed. Staff from before the history, and rows that nobody changed since,
are compared in nothing.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from domain.staff_history import StaffEventKind
from models.staff import employee_roles, employees, roles
from models.staff_event import staff_events

Values = dict[str, Any]  # Any: JSON


@dataclass(slots=True)
class History:
    """What the events so far say of each employee and each role; None for a deleted role."""

    employees: dict[int, Values] = field(default_factory=dict)
    roles: dict[int, Values | None] = field(default_factory=dict)
    sequence: int = 0

    def take(self, event: sa.Row[Any]) -> Iterator[str]:
        """Apply the next event. Yields what is wrong with it."""
        self.sequence += 1
        if event.sequence != self.sequence:
            yield f"event {event.sequence} instead of {self.sequence}"
            self.sequence = event.sequence
        after = event.details.get("after") or {}
        if event.employee_id is not None:
            self.employees.setdefault(event.employee_id, {}).update(after)
        elif event.kind is StaffEventKind.ROLE_DELETED:
            self.roles[event.role_id] = None
            for values in self.employees.values():
                held = values.get("ROLES") or []
                if "ROLES" in values:
                    values["ROLES"] = [role for role in held if role["id"] != str(event.role_id)]
        else:
            self.roles[event.role_id] = {**(self.roles.get(event.role_id) or {}), **after}


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    history = History()
    rows = await connection.stream(
        sa.select(staff_events)
        .where(staff_events.c.merchant_id == merchant_id)
        .order_by(staff_events.c.sequence)
    )
    details = [detail async for event in rows for detail in history.take(event)]
    if history.sequence:
        details += [
            *_differing("employee", history.employees, await _employees(connection, merchant_id)),
            *_differing("role", history.roles, await _roles(connection, merchant_id)),
        ]
    for detail in details:
        yield Finding(fault=Fault.STAFF_HISTORY_DIFFERS, merchant_id=merchant_id, detail=detail)


def _differing(
    kind: str, told: Mapping[int, Values | None], present: Mapping[int, Values]
) -> Iterator[str]:
    for id_, values in told.items():
        row = present.get(id_)
        if values is None or row is None:
            if values is not None or row is not None:
                yield f"{kind} {id_} {'is missing' if row is None else 'was deleted'}"
            continue
        names = [name for name in values if _plain(name, values[name]) != row[name]]
        if names:
            yield f"{kind} {id_}: {', '.join(sorted(names))}"


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value as a row has it: of roles the ids alone, as their names may have changed."""
    return sorted(int(role["id"]) for role in value) if name == "ROLES" else value


async def _employees(connection: AsyncConnection, merchant_id: int) -> dict[int, Values]:
    held: dict[int, list[int]] = {}
    for link in await _rows(connection, employee_roles, merchant_id):
        held.setdefault(link.employee_id, []).append(link.role_id)
    return {
        row.id: {
            "NAME": row.name,
            "LOGIN": row.login,
            "PERMISSIONS": sorted(row.extra_permissions),
            "REFUND_CEILING": row.refund_ceiling,
            "ROLES": sorted(held.get(row.id, ())),
            "DISABLED": row.disabled_at is not None,
        }
        for row in await _rows(connection, employees, merchant_id)
    }


async def _roles(connection: AsyncConnection, merchant_id: int) -> dict[int, Values]:
    return {
        row.id: {
            "NAME": row.name,
            "PERMISSIONS": sorted(row.permissions),
            "REFUND_CEILING": row.refund_ceiling,
        }
        for row in await _rows(connection, roles, merchant_id)
    }


async def _rows(
    connection: AsyncConnection, table: sa.Table, merchant_id: int
) -> Iterable[sa.Row[Any]]:
    return await connection.execute(sa.select(table).where(table.c.merchant_id == merchant_id))
