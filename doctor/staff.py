"""Checks that a merchant's employees and their accounts agree."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from domain.actors import ActorKind
from models.accounts import accounts
from models.staff import employees

_SHARED = ("login", "name", "disabled_at")


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    """Compare employees and accounts; ``references`` finds an employee without an account."""
    by_id = await _rows(connection, employees, merchant_id)
    account_rows = await _rows(connection, accounts, merchant_id)
    for detail in (*_check_main(by_id), *_check_accounts(by_id, account_rows)):
        yield Finding(fault=Fault.STAFF_DIFFERS, merchant_id=merchant_id, detail=detail)


def _check_main(employees_by_id: dict[int, sa.Row[Any]]) -> Iterator[str]:
    mains = [row for row in employees_by_id.values() if row.is_main]
    if len(mains) != 1:
        yield f"{len(mains)} main accounts"
    for row in mains:
        if row.disabled_at is not None:
            yield f"the main account {row.id} is disabled"


def _check_accounts(
    employees_by_id: dict[int, sa.Row[Any]], accounts_by_id: dict[int, sa.Row[Any]]
) -> Iterator[str]:
    for id_, account in accounts_by_id.items():
        employee = employees_by_id.get(id_)
        if employee is None:
            yield f"account {id_} ({account.kind}) belongs to no employee"
            continue
        kind = ActorKind.MAIN_ACCOUNT if employee.is_main else ActorKind.EMPLOYEE
        differing = [name for name in _SHARED if getattr(employee, name) != getattr(account, name)]
        if account.kind is not kind:
            differing.append("kind")
        if differing:
            yield f"employee {id_}: {', '.join(differing)}"


async def _rows(
    connection: AsyncConnection, table: sa.Table, merchant_id: int
) -> dict[int, sa.Row[Any]]:
    rows = await connection.execute(
        sa.select(table).where(table.c.merchant_id == merchant_id).order_by(table.c.id)
    )
    return {row.id: row for row in rows}
