"""Counting a merchant's orders by status, for the tabs of a desk."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.statuses import Status
from models.service_order import service_orders


async def count_statuses(
    connection: AsyncConnection,
    merchant_id: int,
    *,
    applied_from: datetime | None,
    applied_to: datetime | None,
    most: int,
) -> Mapping[Status, int]:
    """Count each status up to ``most``, in one statement, from one index alone.

    Without the limit, the work would grow with all that the merchant ever finished.
    """
    bounds = {"applied_from": applied_from, "applied_to": applied_to}
    given = {name: instant for name, instant in bounds.items() if instant is not None}
    statement = _counts(tuple(given))
    row = (
        await connection.execute(statement, {"merchant": merchant_id, "most": most, **given})
    ).one()
    return {status: row._mapping[status.value] for status in Status}


@cache
def _counts(bounds: tuple[str, ...]) -> sa.Select[Any]:  # Any: a count for each status
    counts: list[sa.ColumnElement[Any]] = [
        _count(status, bounds).label(status.value) for status in Status
    ]
    return sa.select(*counts)


def _count(status: Status, bounds: tuple[str, ...]) -> sa.ScalarSelect[int]:
    order = service_orders.alias(f"order_{status.value.lower()}").c
    conditions = [order.merchant_id == sa.bindparam("merchant"), order.status == status]
    if "applied_from" in bounds:
        conditions.append(order.applied_at >= sa.bindparam("applied_from"))
    if "applied_to" in bounds:
        conditions.append(order.applied_at < sa.bindparam("applied_to"))
    counted = sa.select(order.id).where(*conditions).limit(sa.bindparam("most")).subquery()
    return sa.select(sa.func.count()).select_from(counted).scalar_subquery()
