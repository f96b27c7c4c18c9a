"""Erasing personal data: the one change of events that were written, and the event that says so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import SYSTEM
from domain.events import EventKind
from domain.personal_data import ERASED, ErasureCause, Standing, erased, pictures_in, standing
from models.application import applications
from models.evidence import picture_erasures
from models.journal.sets import StepBatch, record_all
from models.queries import erasure
from models.refund import refunds
from models.service_order import events, service_orders
from models.waybill import waybills
from models.webhook import webhook_deliveries

Rows = Sequence[sa.Row[Any]]
"""Rows of a table. Any: of its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What came of it: the orders that were erased, and those that were passed over, with why.

    An order whose application has another one that may not be erased is passed over with it.
    """

    erased: Sequence[int] = ()
    passed: Mapping[int, Standing] = field(default_factory=dict)
    pictures: frozenset[str] = frozenset()
    """The hashes of the pictures that were queued."""

    def __add__(self, other: "Erasure") -> "Erasure":
        return Erasure(
            erased=[*self.erased, *other.erased],
            passed={**self.passed, **other.passed},
            pictures=self.pictures | other.pictures,
        )


async def erase_applications(
    connection: AsyncConnection,
    merchant_id: int,
    application_ids: Sequence[int],
    cause: ErasureCause,
    *,
    now: datetime,
    finished_by: datetime | None = None,
    is_trial: bool = False,
) -> Erasure:
    """Erase the applications all of whose orders may be erased; tell of the others.

    The orders are locked: whoever changes one meanwhile comes before, and then it is passed over
    if it is not finished any more, or afterwards, and then the rules refuse. ``is_trial`` changes
    nothing. A repetition finds nothing to do.
    """
    rows = await erasure.lock_orders(connection, merchant_id, application_ids)
    standings = {row.id: standing(row, finished_by=finished_by) for row in rows}
    kept = {row.application_id for row in rows if standings[row.id] not in _MAY_GO}
    due = [
        row
        for row in rows
        if row.application_id not in kept and standings[row.id] is Standing.ERASABLE
    ]
    result = Erasure(
        erased=[row.id for row in due],
        passed={row.id: standings[row.id] for row in rows if row.application_id in kept},
    )
    if not due:
        return result
    ids = list(result.erased)
    timeline = await erasure.rows_of_orders(connection, events, merchant_id, ids)
    pictures = frozenset(_pictures(due, timeline))
    if not is_trial:
        await _erase_rows(connection, service_orders, due)
        await _erase_rows(connection, events, timeline)
        gone = sorted({row.application_id for row in due})
        of_customer = await erasure.lock_applications(connection, merchant_id, gone)
        await _erase_rows(connection, applications, of_customer)
        # Deliveries are deleted after a month, and no index finds those of an order: old orders
        # have none to look for.
        others = (refunds, webhook_deliveries) if cause is ErasureCause.REQUEST else (refunds,)
        for table in others:
            of_orders = await erasure.rows_of_orders(connection, table, merchant_id, ids)
            await _erase_rows(connection, table, of_orders)
        await connection.execute(
            sa.delete(waybills).where(
                waybills.c.merchant_id == merchant_id, waybills.c.service_order_id.in_(ids)
            )
        )
        await queue_pictures(connection, merchant_id, pictures, now)
        await _record(connection, merchant_id, due, cause, now)
    return Erasure(erased=result.erased, passed=result.passed, pictures=pictures)


_MAY_GO: Final = (Standing.ERASABLE, Standing.ERASED)


async def queue_pictures(
    connection: AsyncConnection, merchant_id: int, hashes: Iterable[str], now: datetime
) -> None:
    """Let the clock delete the pictures, unless an order that is not erased uses them."""
    rows = [
        {"merchant_id": merchant_id, "sha256": sha256, "queued_at": now, "erased_at": None}
        for sha256 in sorted(set(hashes))
    ]
    if rows:
        is_postgresql = connection.dialect.name == "postgresql"
        insert = (postgresql if is_postgresql else sqlite).insert(picture_erasures)
        await connection.execute(insert.on_conflict_do_nothing(), rows)


def _pictures(orders: Rows, timeline: Rows) -> set[str]:
    of_events = [row._asdict() for row in timeline]
    pictures = set(pictures_in(orders[0]._asdict(), of_events))
    return pictures.union(*(pictures_in(row._asdict(), ()) for row in orders))


async def _erase_rows(connection: AsyncConnection, table: sa.Table, rows: Rows) -> None:
    """Write the erased form of the rows that change."""
    parameters = []
    for row in rows:
        values = erased(table.name, row._asdict())
        if values:
            key = {f"key_{column.name}": row._mapping[column.name] for column in table.primary_key}
            columns = {name: row._mapping[name] for name in ERASED[table.name]} | values
            parameters.append(key | {f"set_{name}": value for name, value in columns.items()})
    if parameters:
        await connection.execute(_update(table), parameters)


@cache
def _update(table: sa.Table) -> sa.Update:
    key = [
        column == sa.bindparam(f"key_{column.name}", type_=column.type)
        for column in table.primary_key
    ]
    return (
        sa.update(table)
        .where(*key)
        .values(
            {
                name: sa.bindparam(f"set_{name}", type_=table.c[name].type)
                for name in ERASED[table.name]
            }
        )
    )


async def _record(
    connection: AsyncConnection,
    merchant_id: int,
    orders: Rows,
    cause: ErasureCause,
    now: datetime,
) -> None:
    """Add an event to each order, and mark the order as erased at the same time."""
    groups = dict[tuple[str, datetime], list[tuple[int, int]]]()
    for row in orders:
        # Dated as every event of one order is, never before its last one.
        group = groups.setdefault((row.status, max(now, row.updated_at)), [])
        group.append((row.id, row.version + 1))
    for (status, at), numbered in groups.items():
        batch = StepBatch(
            order_rows=[
                {"merchant_id": merchant_id, "id": id_, "version": version}
                for id_, version in numbered
            ],
            order_values={"updated_at": at, "personal_data_erased_at": at},
            event_rows=[
                {
                    "merchant_id": merchant_id,
                    "service_order_id": id_,
                    "sequence": version,
                    "customer_sequence": None,
                    "details": {"erasure": cause.value},
                }
                for id_, version in numbered
            ],
            event_values={
                "kind": EventKind.PERSONAL_DATA_ERASED,
                "at": at,
                "actor_kind": SYSTEM.kind,
                "actor_id": SYSTEM.id,
                "actor_name": SYSTEM.name,
                "customer_note": None,
                "internal_note": None,
                "from_status": status,
                "to_status": status,
            },
        )
        await record_all(connection, batch)
