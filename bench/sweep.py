"""Fires the timers of 100,000 overdue orders during reviews, with the sweep and one by one.

python -m bench.sweep [--orders 1000000] [--due 100000] [--sample 2000]
"""

import argparse
import asyncio
import shutil
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import sqlalchemy as sa

from bench.database import CACHE, LARGEST_FILE, Server, filled_file, serving
from bench.results import Report, percentile
from bench.reviewing import Key, Reviewer
from bench.reviewing import serving as serving_desk
from database.database import Database
from domain.clocks import CONSEQUENCES
from domain.events import EVENTS
from domain.statuses import Status
from models.service_order import WATCHED, events, service_orders

PAUSE_S: Final = 0.05
_FIRED: Final = sorted(EVENTS[action] for action in CONSEQUENCES.values())
MIN_SPEEDUP: Final = {"PostgreSQL": 25, "SQLite": 15}
"""How many times faster than the loop the sweep must be."""

LONGEST_TRANSACTION_MS: Final = 100
LONGEST_REVIEW_MS: Final = 250
FLAT_MB: Final = 15


@dataclass(frozen=True, slots=True)
class Due:
    """Orders by deadline, in four parts: loop, sweep, loop again, and reviews.

    Each instant is when all orders of its part are due.
    """

    first: datetime
    swept: datetime
    last: datetime
    reviewed: list[Key]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=2_000)
    arguments = parser.parse_args()
    report = Report("sweep", "Timers")
    with serving() as server:
        report.servers = {"PostgreSQL": server.version}
        async with _copy(server, arguments.orders) as url:
            await _compare(report, "PostgreSQL", url, arguments.due, arguments.sample)
    async with _copy_file(arguments.orders) as url:
        await _compare(report, "SQLite", url, arguments.due, arguments.sample)
    report.write()


@asynccontextmanager
async def _copy(server: Server, orders: int) -> AsyncIterator[str]:
    yield await server.copy(await server.filled(orders), "sweep")
    await server.drop("sweep")


@asynccontextmanager
async def _copy_file(orders: int) -> AsyncIterator[str]:
    copy = CACHE / "sweep.db"
    shutil.copyfile(await filled_file(min(orders, LARGEST_FILE)), copy)
    yield f"sqlite+aiosqlite:///{copy}"
    for file in CACHE.glob("sweep.db*"):
        file.unlink()


async def _compare(report: Report, name: str, url: str, due: int, sample: int) -> None:
    half = sample // 2
    parts = await _due(url, half, due)
    with serving_desk(url) as address:
        reviewer = Reviewer(address, PAUSE_S)
        async with Reviewer(address, PAUSE_S).working(parts.reviewed[::2]):
            before = await _fire("loop", url, parts.first, half)
        async with reviewer.working(parts.reviewed[1::2]):
            swept = await _fire("sweep", url, parts.swept, 0)
        after = await _fire("loop", url, parts.last, half)
    await _check(url, parts.swept, swept["orders"])
    loop_seconds = before["seconds"] + after["seconds"]
    loop_rate = (before["orders"] + after["orders"]) / loop_seconds
    rate = swept["orders"] / swept["seconds"]
    memory = swept["memory"]
    report.add(
        "The sweep",
        database=name,
        orders=swept["orders"],
        seconds=round(swept["seconds"], 2),
        **{
            "orders/s": round(rate),
            "loop, orders/s": round(loop_rate),
            "times": round(rate / loop_rate, 1),
            "processor, µs/order": round(swept["processor"] / swept["orders"] * 1e6),
            "loop's": round((before["processor"] + after["processor"]) / (2 * half) * 1e6),
            "transactions": len(swept["transactions"]),
            "p50 ms": round(statistics.median(swept["transactions"]), 1),
            "max ms": round(max(swept["transactions"]), 1),
            "MB before": round(memory[0]),
            "MB early": round(memory[min(2, len(memory) - 1)]),
            "MB after": round(memory[-1]),
        },
    )
    report.add(
        "Reviews meanwhile",
        database=name,
        reviews=len(reviewer.latencies),
        failed=len(reviewer.refused),
        **{
            "p50 ms": round(statistics.median(reviewer.latencies), 1),
            "p99 ms": round(percentile(reviewer.latencies, 0.99), 1),
            "max ms": round(max(reviewer.latencies), 1),
        },
    )
    for answer in reviewer.refused[:3]:
        print(answer)
    speedup = MIN_SPEEDUP[name]
    report.demand(f"{name}: {speedup} × the loop", met=rate / loop_rate >= speedup)
    report.demand(
        f"{name}: half the transactions within {LONGEST_TRANSACTION_MS} ms",
        met=statistics.median(swept["transactions"]) <= LONGEST_TRANSACTION_MS,
    )
    report.demand(
        f"{name}: reviews meanwhile with p99 within {LONGEST_REVIEW_MS} ms, none refused",
        met=percentile(reviewer.latencies, 0.99) <= LONGEST_REVIEW_MS and not reviewer.refused,
    )
    report.demand(
        f"{name}: memory flat",
        met=memory[-1] - memory[min(2, len(memory) - 1)] <= FLAT_MB,
    )


async def _due(url: str, half: int, due: int) -> Due:
    database = Database.open(url)
    due_at = service_orders.c.clock_due_at
    waiting = sa.select(due_at).where(sa.text(WATCHED)).order_by(due_at)
    async with database.read() as connection:
        first, swept, last = [
            (await connection.execute(waiting.offset(position - 1).limit(1))).scalar_one()
            for position in (half, half + due, half + due + half)
        ]
        rows = await connection.execute(
            sa.select(service_orders.c.merchant_id, service_orders.c.id)
            .where(
                sa.text(WATCHED),
                due_at > last,
                service_orders.c.status == Status.PENDING_REVIEW,
            )
            .order_by(due_at.desc())
            .limit(10_000)
        )
        reviewed = [(merchant, order) for merchant, order in rows]
    await database.close()
    return Due(first, swept, last, reviewed)


async def _fire(method: str, url: str, now: datetime, count: int) -> dict[str, Any]:  # Any: JSON
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.approving",
        method,
        url,
        now.isoformat(),
        str(count),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    output, _ = await process.communicate()
    measurements: dict[str, Any] = orjson.loads(output)
    return measurements


async def _check(url: str, now: datetime, total: int) -> None:
    """Raises AssertionError unless the timer of each order due at ``now`` fired exactly once."""
    database = Database.open(url)
    due = sa.select(sa.func.count()).where(sa.text(WATCHED), service_orders.c.clock_due_at <= now)
    fired = sa.select(sa.func.count(), sa.func.count(sa.distinct(events.c.service_order_id))).where(
        events.c.kind.in_(_FIRED), events.c.at == now
    )
    async with database.read() as connection:
        left = (await connection.execute(due.select_from(service_orders))).scalar_one()
        counts = tuple((await connection.execute(fired)).one())
    await database.close()
    if left != 0 or counts != (total, total):
        raise AssertionError(f"{total} timers fired, {counts} events and orders, {left} left")


if __name__ == "__main__":
    asyncio.run(main())
