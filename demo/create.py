"""Fills an empty database with the demo, in one transaction: all of it or nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.passwords import hash_password
from database.database import Database
from demo.evaluation import publish
from demo.ids import Ids
from demo.orders import Submitted, desk_of
from demo.people import PASSWORD, Hiring
from demo.pictures import keep_album
from models.application import applications
from models.feed import outbox
from models.refund import refunds
from models.service_order import events, service_orders
from models.tables import add
from models.waybill import waybills
from resolvers.pictures import Pictures

ORDERS: Final = {
    "digital": 1_000,
    "home": 740,
    "outdoor": 660,
    "food": 270,
    "book": 190,
    "toys": 140,
}
"""The number of service orders of each merchant."""

TOTAL: Final = sum(ORDERS.values())
_PICTURES_AGE: Final = timedelta(days=200)
_BATCH: Final = 100
"""The number of applications in one insert."""


async def create(
    database: Database,
    pictures: Pictures,
    now: datetime,
    progress: Callable[[int], None],
    *,
    orders: Mapping[str, int] = ORDERS,
) -> None:
    """Make the demo as of ``now``; it is the same each time but for the passwords' salt.

    ``progress`` is called with the number of orders inserted since the last call, ``TOTAL`` in all.
    """
    ids = Ids()
    hiring = Hiring(ids=ids, password_hash=await hash_password(PASSWORD), now=now)
    people, shops = hiring.everybody()
    async with database.write_unlimited() as connection:
        await add(connection, *people)
        await publish(connection, shops, now)
        for number, shop in enumerate(shops):
            album, evidence_rows = await keep_album(pictures, shop, now - _PICTURES_AGE)
            await add(connection, *evidence_rows)
            total = orders[shop.plan.key]
            desk = desk_of(shop, album, ids, number=number, now=now, total=total)
            batch = list(desk.showcase()) if number == 0 else []
            for submitted in desk.everything():
                batch.append(submitted)
                if len(batch) == _BATCH:
                    progress(await _insert(connection, batch))
                    batch = []
            progress(await _insert(connection, batch))
    await pictures.close()  # stops its decoders: the demo decodes no more pictures


async def _insert(connection: AsyncConnection, batch: list[Submitted]) -> int:
    """Return the number of orders."""
    replays = [replay for submitted in batch for replay in submitted.orders]
    for table, rows in (
        (applications, [submitted.application for submitted in batch]),
        (service_orders, [replay.order for replay in replays]),
        (events, [event for replay in replays for event in replay.events]),
        (outbox, [_in_outbox(event) for replay in replays for event in replay.events]),
        (waybills, [row for replay in replays for row in replay.waybill_rows]),
        (refunds, [row for replay in replays for row in replay.refunds.values()]),
    ):
        if rows:
            await connection.execute(sa.insert(table), rows)
    return len(replays)


def _in_outbox(event: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: event[column.name] for column in outbox.c}
