"""A merchant's employees, and the accounts with which they sign in."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.finding import Finding
from domain.actors import ActorKind
from domain.faults import Fault
from models.accounts import accounts
from models.staff import employees

_SAME = ("login", "name", "disabled_at")


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    """That an employee has an account at all is asked of the references."""
    own = await _rows(connection, employees, merchant_id)
    theirs = await _rows(connection, accounts, merchant_id)
    for said in (*_main(own), *_accounts(own, theirs)):
        yield Finding(fault=Fault.STAFF_DIFFERS, merchant_id=merchant_id, said=said)


def _main(own: dict[int, sa.Row[Any]]) -> Iterator[str]:
    mains = [row for row in own.values() if row.is_main]
    if len(mains) != 1:
        yield f"{len(mains)} main accounts"
    for row in mains:
        if row.disabled_at is not None:
            yield f"the main account {row.id} is disabled"


def _accounts(own: dict[int, sa.Row[Any]], theirs: dict[int, sa.Row[Any]]) -> Iterator[str]:
    for id_, account in theirs.items():
        employee = own.get(id_)
        if employee is None:
            yield f"account {id_} ({account.kind}) belongs to no employee"
            continue
        kind = ActorKind.MAIN_ACCOUNT if employee.is_main else ActorKind.EMPLOYEE
        differs = [name for name in _SAME if getattr(employee, name) != getattr(account, name)]
        if account.kind is not kind:
            differs.append("kind")
        if differs:
            yield f"employee {id_}: {', '.join(differs)}"


async def _rows(
    connection: AsyncConnection, table: sa.Table, merchant_id: int
) -> dict[int, sa.Row[Any]]:
    found = await connection.execute(
        sa.select(table).where(table.c.merchant_id == merchant_id).order_by(table.c.id)
    )
    return {row.id: row for row in found}
