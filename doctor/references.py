"""Finds dangling references: an SQLite file may have been written without foreign keys."""

from collections.abc import AsyncIterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from models.accounts import accounts, connectors
from models.evaluation import evaluation_plans, quality_snapshots
from models.merchant import merchants
from models.service_order import events, service_orders
from models.staff import employees
from models.tables import METADATA

Pairs = list[tuple[sa.Column[Any], sa.Column[Any]]]

LOOSE: Final[tuple[Pairs, ...]] = (
    [(accounts.c.merchant_id, merchants.c.id)],
    [(connectors.c.merchant_id, merchants.c.id)],
    [(connectors.c.owner_id, accounts.c.id)],
    [(employees.c.id, accounts.c.id)],
    [(quality_snapshots.c.plan_version, evaluation_plans.c.version)],
)
"""References without a foreign key, between merchants' tables and others."""

_ORDERS: Final = {service_orders: "id", events: "service_order_id"}


async def examine(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Yield the rows whose references lead to no row."""
    # Not SQLite's `foreign_key_check`, which takes the foreign keys from the file itself.
    foreign_keys = [
        [(element.parent, element.column) for element in constraint.elements]
        for table in METADATA.sorted_tables
        for constraint in sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
    ]
    for pairs in (*foreign_keys, *LOOSE):
        async for finding in _dangling(connection, pairs):
            yield finding


async def _dangling(connection: AsyncConnection, pairs: Pairs) -> AsyncIterator[Finding]:
    table, target = pairs[0][0].table, pairs[0][1].table
    parent = target.alias("parent")
    names = [column.name for column in table.primary_key]
    rows = await connection.stream(
        sa.select(*[table.c[name] for name in names])
        .select_from(
            table.outerjoin(
                parent, sa.and_(*[column == parent.c[referred.name] for column, referred in pairs])
            )
        )
        .where(
            parent.c[pairs[0][1].name].is_(None),
            *[column.is_not(None) for column, _ in pairs],
        )
        .order_by(*[table.c[name] for name in names])
    )
    async for row in rows:
        key = dict(zip(names, row, strict=True))
        order = _ORDERS.get(table)
        detail = ", ".join(f"{name} {value}" for name, value in key.items())
        through = ", ".join(column.name for column, _ in pairs)
        yield Finding(
            fault=Fault.REFERENCE_DANGLING,
            merchant_id=key.get("merchant_id"),
            order_id=key[order] if order else None,
            detail=f"{table.name} ({detail}) refers to no {target.name} by {through}",
        )
