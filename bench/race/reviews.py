"""Restores reviewed orders, so that each peer finds the same ones waiting."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from bench.race.questions import Order


@dataclass(frozen=True, slots=True)
class Reviews:
    """The orders to review, as they were before the race."""

    address: str

    @classmethod
    async def keep(cls, address: str, orders: Sequence[Order]) -> "Reviews":
        connection = await asyncpg.connect(address)
        await connection.execute("CREATE SCHEMA race")
        await connection.execute("CREATE TABLE race.kept (merchant_id bigint, id bigint)")
        await connection.copy_records_to_table("kept", schema_name="race", records=orders)
        await connection.execute(
            "CREATE TABLE race.before AS SELECT o.* FROM service_order AS o"
            " JOIN race.kept USING (merchant_id, id)"
        )
        await connection.execute("CREATE UNIQUE INDEX ON race.before (merchant_id, id)")
        await connection.execute("ANALYZE race.before")
        await connection.close()
        return cls(address)

    async def restore(self) -> int:
        """Restore the orders; return how many had been reviewed, by their events."""
        connection = await asyncpg.connect(self.address, timeout=60)
        columns = [
            row[0]
            for row in await connection.fetch(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'race' AND table_name = 'before'"
                " AND column_name NOT IN ('merchant_id', 'id')"
            )
        ]
        same = "b.merchant_id = {0}.merchant_id AND b.id = {0}.{1}"
        deleted = await connection.execute(
            "DELETE FROM service_order_event AS e USING race.before AS b"
            f" WHERE {same.format('e', 'service_order_id')} AND e.sequence > b.version"
        )
        # Nothing places the events: the race runs without the clock.
        await connection.execute("TRUNCATE event_outbox")
        await connection.execute(
            f"UPDATE service_order AS o SET ({', '.join(columns)}) ="
            f" ({', '.join(f'b.{column}' for column in columns)}) FROM race.before AS b"
            f" WHERE {same.format('o', 'id')} AND o.version <> b.version",
            timeout=None,
        )
        for table in ("service_order", "service_order_event"):
            await connection.execute(f"VACUUM {table}", timeout=None)
        await connection.execute("CHECKPOINT")
        await connection.close()
        return int(deleted.rpartition(" ")[2])
