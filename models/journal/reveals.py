"""Recording that an export shows the contacts of many orders: one event on each timeline."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import Actor
from domain.events import EventKind
from models.journal.sets import StepBatch, record_all
from models.journal.step_values import Values
from models.service_order import events, service_orders

_ORDER: Final = service_orders.c
_EVENT: Final = events.c


async def record_reveals(
    connection: AsyncConnection,
    merchant_id: int,
    ids: Sequence[int],
    actor: Actor,
    *,
    export_id: int,
    now: datetime,
    again: bool,
) -> None:
    """Lock the orders, and add an event to each that this export has not revealed yet.

    ``again`` says that an earlier attempt may have revealed some.

    The locks, taken in the order of the ids as everywhere, are held until the transaction ends: no
    order changes between the event and what the caller reads.
    """
    rows = await connection.execute(
        sa.select(_ORDER.id, _ORDER.version, _ORDER.status, _ORDER.updated_at)
        .where(
            _ORDER.merchant_id == merchant_id,
            _ORDER.id.in_(ids),
            _ORDER.personal_data_erased_at.is_(None),  # of which nothing is revealed
        )
        .order_by(_ORDER.id)
        .with_for_update()
    )
    revealed = await _revealed(connection, merchant_id, ids, export_id) if again else ()
    groups = dict[tuple[str, datetime], list[tuple[int, int]]]()
    for row in rows:
        if row.id not in revealed:
            # Dated as every event of one order is, never before its last one.
            group = groups.setdefault((row.status, max(now, row.updated_at)), [])
            group.append((row.id, row.version + 1))
    for (status, at), orders in groups.items():
        event_values: Values = {
            "kind": EventKind.CONTACT_REVEALED,
            "at": at,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "customer_note": None,
            "internal_note": None,
            "from_status": status,
            "to_status": status,
        }
        await record_all(connection, _batch(merchant_id, orders, at, export_id, event_values))


def _batch(
    merchant_id: int,
    orders: Sequence[tuple[int, int]],
    at: datetime,
    export_id: int,
    event_values: Values,
) -> StepBatch:
    return StepBatch(
        order_rows=[
            {"merchant_id": merchant_id, "id": id_, "version": version} for id_, version in orders
        ],
        order_values={"updated_at": at},
        event_rows=[
            {
                "merchant_id": merchant_id,
                "service_order_id": id_,
                "sequence": version,
                "customer_sequence": None,
                "details": {"export": str(export_id)},
            }
            for id_, version in orders
        ],
        event_values=event_values,
    )


async def _revealed(
    connection: AsyncConnection, merchant_id: int, ids: Sequence[int], export_id: int
) -> Collection[int]:
    """The orders that an earlier attempt of the same export has revealed already."""
    rows = await connection.execute(
        sa.select(_EVENT.service_order_id, _EVENT.details).where(
            _EVENT.merchant_id == merchant_id,
            _EVENT.service_order_id.in_(ids),
            _EVENT.kind == EventKind.CONTACT_REVEALED,
        )
    )
    named = str(export_id)
    return {row.service_order_id for row in rows if (row.details or {}).get("export") == named}
