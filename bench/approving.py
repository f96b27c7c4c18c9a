"""Fires the timers of overdue orders in a separate process, with the sweep or one by one.

    python -m bench.approving sweep|loop URL NOW [COUNT]

Prints its measurements as a line of JSON.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from database.database import Database
from domain.actions import Action
from domain.actors import SYSTEM
from domain.clocks import CLOCKS, CONSEQUENCES
from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE
from domain.statuses import Status
from jobs.timers import fire_timers
from models.merchant import ReturnAddress, return_addresses
from models.service_order import WATCHED, ServiceOrder, ServiceOrderEvent, service_orders

_ADDRESS: Final = (
    "contact",
    "phone",
    "zip",
    "province_code",
    "city_code",
    "district_code",
    "detail",
    "region",
)


async def sweep(database: Database, now: datetime, _count: int) -> int:
    """The product's sweep."""
    return (await fire_timers(database, now)).total


async def loop(database: Database, now: datetime, count: int) -> int:
    """The naive way: one object and one transaction for each order."""
    session_of = async_sessionmaker(database.writing, expire_on_commit=False)
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(service_orders.c.merchant_id, service_orders.c.id)
            .where(sa.text(WATCHED), service_orders.c.clock_due_at <= now)
            .order_by(service_orders.c.clock_due_at)
            .limit(count)
        )
    for key in rows.all():
        async with session_of() as session, session.begin():
            await _act(session, tuple(key), now)
    return count


async def _act(session: AsyncSession, key: tuple[int, ...], now: datetime) -> None:
    order = await session.get(ServiceOrder, key, with_for_update=True)
    if order is None or order.status not in CONSEQUENCES:
        return
    source, action = order.status, CONSEQUENCES[order.status]
    details = {
        "explanation": {
            "rule": CLOCKS[source].name,
            "ruleVersion": CLOCKS[source].version,
            "startedAt": order.clock_started_at and order.clock_started_at.isoformat(),
            "pauses": order.clock_pauses,
            "dueAt": order.clock_due_at and order.clock_due_at.isoformat(),
            "ranAt": now.isoformat(),
        }
    }
    target = LIFECYCLE[action].target
    if target is None:
        return
    order.status, order.last_action, order.updated_at = target, action, now
    order.clock_started_at = order.clock_due_at = None
    order.finished_at, order.clock_pauses = now, []
    order.version += 1
    order.customer_version += 1
    order.customer_updated_at = now
    if action is Action.AUTO_APPROVE:
        details |= {"returnAddress": await _approve(session, order, now)}
    session.add(
        ServiceOrderEvent(
            merchant_id=order.merchant_id,
            service_order_id=order.id,
            sequence=order.version,
            customer_sequence=order.customer_version,
            kind=EVENTS[action],
            at=now,
            actor_kind=SYSTEM.kind,
            actor_id=0,
            actor_name=SYSTEM.name,
            from_status=source,
            to_status=target,
            details=details,
        )
    )


async def _approve(session: AsyncSession, order: ServiceOrder, now: datetime) -> dict[str, Any]:
    """What an approval sets besides; returns the address."""
    address = await session.scalar(
        sa.select(ReturnAddress).where(
            return_addresses.c.merchant_id == order.merchant_id, return_addresses.c.is_default
        )
    )
    return_address = {name: getattr(address, name) for name in _ADDRESS}
    order.decision, order.finished_at = Action.AUTO_APPROVE, None
    order.decided_by_kind, order.decided_by_id, order.decided_by = SYSTEM.kind, 0, SYSTEM.name
    order.decided_at = order.clock_started_at = now
    order.clock_due_at = now + CLOCKS[Status.AWAITING_SHIPMENT].window
    order.review_address = return_address
    return return_address


METHODS: Final[dict[str, Callable[[Database, datetime, int], Coroutine[Any, Any, int]]]] = {
    "sweep": sweep,
    "loop": loop,
}


async def measure(method: str, url: str, now: datetime, count: int) -> dict[str, Any]:
    """Orders, seconds, milliseconds of each writing transaction, and MB of memory over time."""
    database = Database.open(url)
    async with database.read() as connection:
        await connection.execute(sa.select(1))
    transactions = _timed(database)
    memory = [_memory()]
    sampling = asyncio.create_task(_sample(memory))
    started, processor_started = time.perf_counter(), time.process_time()
    orders = await METHODS[method](database, now, count)
    seconds, processor = time.perf_counter() - started, time.process_time() - processor_started
    sampling.cancel()
    memory.append(_memory())
    await database.close()
    return {
        "orders": orders,
        "seconds": seconds,
        "processor": processor,
        "transactions": transactions,
        "memory": memory,
    }


def _timed(database: Database) -> list[float]:
    """A list that receives the milliseconds of each writing transaction, from lock to commit."""
    engine, durations = database.writing.sync_engine, list[float]()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info["started"] = time.perf_counter()  # several may run concurrently

    @event.listens_for(engine.pool, "checkin")
    def end(_connection: object, record: ConnectionPoolEntry) -> None:
        durations.append((time.perf_counter() - record.info["started"]) * 1000)

    return durations


async def _sample(memory: list[float]) -> None:
    while True:
        await asyncio.sleep(0.5)
        memory.append(_memory())


def _memory() -> float:
    """The memory of this process in MB; 0 where there is no /proc."""
    statm = Path("/proc/self/statm")
    pages = int(statm.read_text().split()[1]) if statm.exists() else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    method, url, now, count = sys.argv[1:]
    measurements = asyncio.run(measure(method, url, datetime.fromisoformat(now), int(count)))
    print(orjson.dumps(measurements).decode())
