"""What the tests of the demo share: making it, and reading it back."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import obstore.store
import sqlalchemy as sa

from auth.keys import Keys
from database.database import Database
from demo.create import ORDERS
from models.application import applications
from models.merchant import merchants
from models.service_order import events, service_orders
from resolvers.pictures import Pictures

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FEW = {name: number // 10 for name, number in ORDERS.items()}
KEYS = Keys(b"k" * 32)


@dataclass(frozen=True)
class Made:
    """The demo, read back from its database."""

    database: Database
    pictures: Pictures
    orders: list[Any]
    events: dict[int, list[Any]]
    applications: dict[int, Any]
    shops: dict[int, Any]

    @property
    def large(self) -> set[int]:
        """The merchants with so many orders that every queue of theirs is long."""
        counts = Counter(order.merchant_id for order in self.orders)
        return {merchant for merchant, count in counts.items() if count >= 500}

    @classmethod
    async def read(cls, database: Database, pictures: Pictures) -> Self:
        timelines = defaultdict(list)
        for event in await rows(database, events):
            timelines[event.service_order_id].append(event)
        return cls(
            database=database,
            pictures=pictures,
            orders=await rows(database, service_orders),
            events=timelines,
            applications={row.id: row for row in await rows(database, applications)},
            shops={row.id: row for row in await rows(database, merchants)},
        )


def pictures_in(folder: Path) -> Pictures:
    return Pictures(obstore.store.LocalStore(str(folder / "pictures"), mkdir=True), KEYS)


async def rows(database: Database, table: sa.Table) -> list[Any]:
    async with database.read() as connection:
        return list((await connection.execute(sa.select(table).order_by(*table.primary_key))).all())
