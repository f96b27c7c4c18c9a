"""Checks a merchant's enrolment, addresses and applications."""

from collections.abc import AsyncIterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from domain.addresses import Address
from domain.enrolment import EnrolmentStatus
from models.application import applications
from models.merchant import (
    address_rules,
    enrolment_attempts,
    merchants,
    return_addresses,
    suspensions,
)
from models.service_order import service_orders


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    for fault, detail in (
        *await _enrolment(connection, merchant_id),
        *await _addresses(connection, merchant_id),
        *await _address_rules(connection, merchant_id),
    ):
        yield Finding(fault=fault, merchant_id=merchant_id, detail=detail)
    async for finding in _applications(connection, merchant_id):
        yield finding
    async for finding in _copied_columns(connection, merchant_id):
        yield finding


async def _enrolment(connection: AsyncConnection, merchant_id: int) -> list[tuple[Fault, str]]:
    attempts = await _numbered(connection, enrolment_attempts, merchant_id)
    pauses = await _numbered(connection, suspensions, merchant_id)
    faults = [
        (Fault.NUMBERS_BROKEN, f"{table.name}: {', '.join(map(str, numbers))}")
        for table, rows in ((enrolment_attempts, attempts), (suspensions, pauses))
        if (numbers := [row.number for row in rows]) != list(range(1, len(rows) + 1))
    ]
    status = await connection.scalar(
        sa.select(merchants.c.enrolment).where(merchants.c.id == merchant_id)
    )
    # A merchant may have been enrolled before attempts were stored.
    expected = attempts[-1].result if attempts else status
    if expected is EnrolmentStatus.ENABLED and pauses and pauses[-1].resumed_at is None:
        expected = EnrolmentStatus.SUSPENDED
    if status is not expected:
        faults.append((Fault.ENROLMENT_DIFFERS, f"{status} instead of {expected}"))
    return faults


async def _numbered(
    connection: AsyncConnection, table: sa.Table, merchant_id: int
) -> list[sa.Row[Any]]:
    result = await connection.execute(
        sa.select(table).where(table.c.merchant_id == merchant_id).order_by(table.c.number)
    )
    return list(result.all())


async def _addresses(connection: AsyncConnection, merchant_id: int) -> list[tuple[Fault, str]]:
    total, defaults = (
        await connection.execute(
            sa.select(
                sa.func.count(), sa.func.count(sa.case((return_addresses.c.is_default, 1)))
            ).where(return_addresses.c.merchant_id == merchant_id)
        )
    ).one()
    if not total or defaults == 1:
        return []
    return [(Fault.DEFAULT_ADDRESS, f"{defaults} defaults among {total} addresses")]


async def _address_rules(connection: AsyncConnection, merchant_id: int) -> list[tuple[Fault, str]]:
    """Compare the copy in the merchant's row with the rules and the addresses that they name."""
    names = tuple(Address.__dataclass_fields__)
    rule, address = address_rules.c, return_addresses.c
    rows = await connection.execute(
        sa.select(rule.kind, rule.value, rule.address_id, *[address[name] for name in names])
        .outerjoin(
            return_addresses,
            (address.merchant_id == rule.merchant_id) & (address.id == rule.address_id),
        )
        .where(rule.merchant_id == merchant_id)
        .order_by(rule.position)
    )
    rules, addresses = [], {}
    for kind, value, id_, *parts in rows:
        rules.append([kind, value, str(id_)])
        addresses[str(id_)] = dict(zip(names, parts, strict=True))
    stored = await connection.scalar(
        sa.select(merchants.c.address_rules).where(merchants.c.id == merchant_id)
    ) or {"rules": [], "addresses": {}}
    expected = {"rules": rules, "addresses": addresses}
    wrong = [name for name, value in expected.items() if stored.get(name) != value]
    return [(Fault.COPY_DIFFERS, f"address_rules: {', '.join(wrong)}")] if wrong else []


async def _applications(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    rows = await connection.stream(
        sa.select(applications.c.id)
        .where(
            applications.c.merchant_id == merchant_id,
            ~sa.exists().where(
                service_orders.c.merchant_id == merchant_id,
                service_orders.c.application_id == applications.c.id,
            ),
        )
        .order_by(applications.c.id)
    )
    async for row in rows:
        yield Finding(
            fault=Fault.APPLICATION_EMPTY, merchant_id=merchant_id, detail=f"application {row.id}"
        )


async def _copied_columns(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    names = ("order_number", "customer_ref", "applied_at")
    order, application = service_orders.c, applications.c
    rows = await connection.stream(
        sa.select(order.id, *[(order[name] != application[name]).label(name) for name in names])
        .join(
            applications,
            (application.merchant_id == order.merchant_id)
            & (application.id == order.application_id),
        )
        .where(
            order.merchant_id == merchant_id,
            sa.or_(*[order[name] != application[name] for name in names]),
        )
        .order_by(order.id)
    )
    async for row in rows:
        differing = [name for name in names if row._mapping[name]]
        yield Finding(
            fault=Fault.COPY_DIFFERS,
            merchant_id=merchant_id,
            order_id=row.id,
            detail=", ".join(differing),
        )
