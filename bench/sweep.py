"""Approving 100,000 overdue orders while people review, against a loop that takes them one by one.

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
from domain.events import EventKind
from models.service_order import WATCHED, events, service_orders

PAUSE_S: Final = 0.05
AT_LEAST: Final = {"PostgreSQL": 25, "SQLite": 15}
"""How many times as fast as the loop."""

LONGEST_TRANSACTION_MS: Final = 100
LONGEST_REVIEW_MS: Final = 250
FLAT_MB: Final = 15


@dataclass(frozen=True, slots=True)
class Due:
    """Orders in the order of their deadlines: for the loop, the sweep, the loop again, and people.

    The instants are when all of them are due that are to be approved until then.
    """

    first: datetime
    swept: datetime
    last: datetime
    reviewed: list[Key]


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--orders", type=int, default=1_000_000)
    asked.add_argument("--due", type=int, default=100_000)
    asked.add_argument("--sample", type=int, default=2_000)
    said = asked.parse_args()
    report = Report("sweep", "Automatic approval")
    with serving() as server:
        report.servers = {"PostgreSQL": server.version}
        async with _copy(server, said.orders) as url:
            await _compare(report, "PostgreSQL", url, said.due, said.sample)
    async with _copy_file(said.orders) as url:
        await _compare(report, "SQLite", url, said.due, said.sample)
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
    asked = await _due(url, half, due)
    async with serving_desk(url) as address:
        reviewer = Reviewer(address, PAUSE_S)
        async with Reviewer(address, PAUSE_S).working(asked.reviewed[::2]):
            before = await _approve("loop", url, asked.first, half)
        async with reviewer.working(asked.reviewed[1::2]):
            swept = await _approve("sweep", url, asked.swept, 0)
        after = await _approve("loop", url, asked.last, half)
    await _check(url, asked.swept, swept["orders"])
    took = before["seconds"] + after["seconds"]
    one_by_one = (before["orders"] + after["orders"]) / took
    rate = swept["orders"] / swept["seconds"]
    memory = swept["memory"]
    report.add(
        "The sweep",
        database=name,
        orders=swept["orders"],
        seconds=round(swept["seconds"], 2),
        **{
            "orders/s": round(rate),
            "loop, orders/s": round(one_by_one),
            "times": round(rate / one_by_one, 1),
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
        reviews=len(reviewer.took),
        failed=len(reviewer.refused),
        **{
            "p50 ms": round(statistics.median(reviewer.took), 1),
            "p99 ms": round(percentile(reviewer.took, 0.99), 1),
            "max ms": round(max(reviewer.took), 1),
        },
    )
    for one in reviewer.refused[:3]:
        print(one)
    demanded = AT_LEAST[name]
    report.demand(f"{name}: {demanded} × the loop", met=rate / one_by_one >= demanded)
    report.demand(
        f"{name}: half the transactions within {LONGEST_TRANSACTION_MS} ms",
        met=statistics.median(swept["transactions"]) <= LONGEST_TRANSACTION_MS,
    )
    report.demand(
        f"{name}: reviews meanwhile with p99 within {LONGEST_REVIEW_MS} ms, none refused",
        met=percentile(reviewer.took, 0.99) <= LONGEST_REVIEW_MS and not reviewer.refused,
    )
    report.demand(
        f"{name}: memory flat",
        met=memory[-1] - memory[min(2, len(memory) - 1)] <= FLAT_MB,
    )


async def _due(url: str, half: int, due: int) -> Due:
    database = Database.open(url)
    at = service_orders.c.review_due_at
    waiting = sa.select(at).where(sa.text(WATCHED)).order_by(at)
    async with database.read() as connection:
        first, swept, last = [
            (await connection.execute(waiting.offset(place - 1).limit(1))).scalar_one()
            for place in (half, half + due, half + due + half)
        ]
        found = await connection.execute(
            sa.select(service_orders.c.merchant_id, service_orders.c.id)
            .where(sa.text(WATCHED), at > last)
            .order_by(at.desc())
            .limit(10_000)
        )
        reviewed = [(merchant, order) for merchant, order in found]
    await database.close()
    return Due(first, swept, last, reviewed)


async def _approve(way: str, url: str, now: datetime, count: int) -> dict[str, Any]:  # Any: JSON
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.approving",
        way,
        url,
        now.isoformat(),
        str(count),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    said, _ = await process.communicate()
    found: dict[str, Any] = orjson.loads(said)
    return found


async def _check(url: str, now: datetime, approved: int) -> None:
    """Raises AssertionError unless each order that was due at ``now`` was approved, and once."""
    database = Database.open(url)
    due = sa.select(sa.func.count()).where(sa.text(WATCHED), service_orders.c.review_due_at <= now)
    told = sa.select(sa.func.count(), sa.func.count(sa.distinct(events.c.service_order_id))).where(
        events.c.kind == EventKind.AUTO_APPROVED, events.c.at == now
    )
    async with database.read() as connection:
        left = (await connection.execute(due.select_from(service_orders))).scalar_one()
        found = tuple((await connection.execute(told)).one())
    await database.close()
    if left != 0 or found != (approved, approved):
        raise AssertionError(f"{approved} approved, {found} told, {left} left")


if __name__ == "__main__":
    asyncio.run(main())
