"""The rows of an export: the orders that match its filter, in pages, with the chosen columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models.application import applications
from models.service_order import service_orders
from models.staff import employees

Position = tuple[datetime, int]
"""The place of an order in an export: when the customer applied, and the order's id."""

_ASSIGNEE: Final = employees.c.name.label("assignee")
_COLUMNS: Final[Mapping[str, sa.ColumnElement[Any]]] = {
    **{column.key: column for column in service_orders.c},
    **{
        name: applications.c[name] for name in ("customer_name", "customer_phone", "pickup_address")
    },
    "assignee": _ASSIGNEE,
}
"""The columns that an export can be made from, by the names in ``domain.export_columns``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """The orders of a merchant that an export has: those of its filter, applied for by ``until``.

    ``where`` are the conditions of the filter, and ``parameters`` their values.
    """

    merchant_id: int
    until: datetime
    where: Sequence[sa.ColumnElement[bool]] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)  # Any: of columns

    def conditions(self) -> Sequence[sa.ColumnElement[bool]]:
        return (
            service_orders.c.merchant_id == self.merchant_id,
            service_orders.c.applied_at <= self.until,
            *self.where,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, each with the values of the needed columns, and the position of the last."""

    rows: Sequence[Sequence[Any]]  # Any: of columns
    ids: Sequence[int]
    end: Position | None


async def count(connection: AsyncConnection, matching: Matching, *, most: int) -> int:
    """How many orders match, counted up to ``most``."""
    rows = sa.select(sa.literal(1)).where(*matching.conditions()).limit(most).subquery()
    statement = sa.select(sa.func.count()).select_from(rows)
    total = await connection.scalar(statement, dict(matching.parameters))
    return int(total or 0)


async def read_page(
    connection: AsyncConnection,
    matching: Matching,
    needs: Sequence[str],
    *,
    after: Position | None,
    limit: int,
) -> Page:
    """The next orders after a position, the oldest applications first."""
    statement = _selected(needs).where(*matching.conditions())
    if after is not None:
        position = sa.tuple_(service_orders.c.applied_at, service_orders.c.id)
        statement = statement.where(position > sa.tuple_(*after))
    statement = statement.order_by(service_orders.c.applied_at, service_orders.c.id).limit(limit)
    return _page(await connection.execute(statement, dict(matching.parameters)))


async def read_orders(
    connection: AsyncConnection, merchant_id: int, needs: Sequence[str], ids: Sequence[int]
) -> Page:
    """The orders with these ids, as ``read_page`` reads them."""
    statement = (
        _selected(needs)
        .where(service_orders.c.merchant_id == merchant_id, service_orders.c.id.in_(ids))
        .order_by(service_orders.c.applied_at, service_orders.c.id)
    )
    return _page(await connection.execute(statement))


def _page(result: sa.CursorResult[*tuple[Any, ...]]) -> Page:
    rows = result.all()
    end = (rows[-1][0], rows[-1][1]) if rows else None
    return Page([row[2:] for row in rows], [row[1] for row in rows], end)


def _selected(needs: Sequence[str]) -> sa.Select[Any]:
    columns = [_COLUMNS[need].label(f"need_{index}") for index, need in enumerate(needs)]
    statement = sa.select(service_orders.c.applied_at, service_orders.c.id, *columns).select_from(
        service_orders
    )
    tables = {_COLUMNS[need].base_columns for need in needs}
    used = {column.table for columns_ in tables for column in columns_}
    if applications in used:
        statement = statement.join(
            applications,
            (applications.c.merchant_id == service_orders.c.merchant_id)
            & (applications.c.id == service_orders.c.application_id),
        )
    if employees in used:
        statement = statement.outerjoin(
            employees,
            (employees.c.merchant_id == service_orders.c.merchant_id)
            & (employees.c.id == service_orders.c.assignee_id),
        )
    return statement
