"""The server on Citus compared with plain PostgreSQL, on the same machine in the same run.

    AFTERSALES_TEST_CITUS_URL=postgresql://… python -m bench.distributed
        [--orders 20000,300000] [--rounds 60] [--due 4000]

The address is that of a database on the coordinator, with its nodes. Both databases are made there:
the plain one without the extension, so that version and settings are the same. The application
answers in this process; the two take turns.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final

import httpx2
import obstore.store
import sqlalchemy as sa
from sqlalchemy.engine import URL

from app import create_app
from bench import fill
from bench.growth import MAX_FACTOR, PAGE, SLACK_MS, SUMMARY, Desk
from bench.results import Report
from bench.reviewing import REVIEW
from bench.shops import KEYS, Shop, token_of
from database.database import Database
from domain.statuses import Status
from jobs.timers import SweepResult, fire_timers
from models import distribution, schema_version
from models.clock import WallClock
from models.service_order import WATCHED, service_orders
from parts import Parts
from resolvers.pictures import Pictures
from schema import ids
from schema.build import build
from tests.cluster import CLUSTER, cluster_url, create_empty, drop, nodes_of
from tests.direct import connect

ORDER: Final = """query($id: ID!) { serviceOrder(id: $id) { id number status description
  review { reviewer { name } at } item { name } clock { dueAt } } }"""
TIMELINE: Final = """query($id: ID!) { serviceOrder(id: $id) { id number status description
  timeline { sequence kind at actor { name } } } }"""
_REJECTED: Final = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用，无法受理"}}
MOST_TIMES: Final = {
    "a queue's page": 2.0,
    "an order": 1.5,
    "a review": 2.5,
    "a review under a key": 3.0,
    "the sweep, an order": 1.5,
}
"""How many times slower than plain PostgreSQL each may be."""
GROWS: Final = {"the counters"}


@dataclass(frozen=True, slots=True)
class Side:
    """A database, and a desk that works on it."""

    name: str
    database: Database
    desk: Desk


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", default="20000,300000")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--due", type=int, default=4000)
    arguments = parser.parse_args()
    url = cluster_url()
    if url is None:
        raise SystemExit(f"{CLUSTER} names no cluster of Citus")
    nodes = await nodes_of(url)
    report = Report("distributed", "On Citus")
    report.servers = await _versions(nodes[0])
    times: dict[str, dict[int, dict[str, float]]] = {}
    for size in [int(text) for text in arguments.orders.split(",")]:
        async with _sides(nodes, size) as sides:
            measured = await _measure(sides, arguments.rounds, arguments.due)
        for work, medians in measured.items():
            times.setdefault(work, {})[size] = medians
    for work, by_size in times.items():
        _report(report, work, by_size)
    report.write()


def _report(report: Report, work: str, times: dict[int, dict[str, float]]) -> None:
    for size, medians in times.items():
        plain, distributed = medians["plain"], medians["Citus"]
        factor = distributed / plain
        report.add(
            "Citus and plain PostgreSQL",
            work=work,
            orders=f"{size:,}",
            **{
                "plain ms": round(plain, 3),
                "Citus ms": round(distributed, 3),
                "times": round(factor, 2),
            },
        )
        if work in MOST_TIMES:
            most = MOST_TIMES[work]
            report.demand(f"{work} of {size:,}: at most {most} times", met=factor <= most)
    first, last = [times[size]["Citus"] for size in (min(times), max(times))]
    if work not in GROWS:
        report.demand(
            f"{work} does not grow with the tables",
            met=last <= max(MAX_FACTOR * first, first + SLACK_MS),
        )


async def _versions(coordinator: URL) -> dict[str, str]:
    connection = await connect(coordinator)
    postgresql = await connection.fetchval("SHOW server_version")
    citus = await connection.fetchval("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
    await connection.close()
    return {"PostgreSQL": postgresql.split()[0], "Citus": citus}


@asynccontextmanager
async def _sides(nodes: Sequence[URL], orders: int) -> AsyncIterator[list[Side]]:
    """Both databases, filled; the distributed one was filled before it was distributed."""
    names = {"plain": nodes[:1], "Citus": nodes}
    sides = []
    with tempfile.TemporaryDirectory() as folder:
        for name, own_nodes in names.items():
            url = await create_empty(own_nodes, f"bench_{name.lower()}")
            await _fill(url, orders, is_distributed=len(own_nodes) > 1)
            database = Database.open(url.render_as_string(hide_password=False))
            pictures = Pictures(obstore.store.LocalStore(folder), KEYS)
            app = create_app(
                Parts(database, KEYS, pictures, WallClock()), runs_clock=False, schema=build()
            )
            await database.find_distribution()
            http = httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app), base_url="http://desk.test", timeout=60
            )
            sides.append(Side(name, database, Desk(http, token_of(Shop(1).reviewers[0]))))
        yield sides
        for side in sides:
            await side.desk.http.aclose()
            await side.database.close()
    for name, own_nodes in names.items():
        await drop(own_nodes, f"bench_{name.lower()}")


async def _fill(url: URL, orders: int, *, is_distributed: bool) -> None:
    database = Database.open(url.render_as_string(hide_password=False))
    await schema_version.upgrade(database)
    await database.close()
    await fill.fill(url.render_as_string(hide_password=False), orders)
    if not is_distributed:
        return
    database = Database.open(url.render_as_string(hide_password=False))
    started = time.perf_counter()
    await distribution.distribute(database)
    print(f"distributed {orders:,} orders in {time.perf_counter() - started:.0f} s", flush=True)
    await database.close()
    connection = await connect(url)
    await connection.execute("VACUUM ANALYZE", timeout=None)
    await connection.close()


Work = Callable[[int], Awaitable[object]]
"""Done once; the number counts the times."""


async def _measure(sides: Sequence[Side], rounds: int, due: int) -> dict[str, dict[str, float]]:
    works = {side.name: await _works(side, rounds) for side in sides}
    times: dict[str, dict[str, list[float]]] = {}
    for name in works[sides[0].name]:
        for number in range(-3, rounds):
            for side in sides:
                started = time.perf_counter()
                await works[side.name][name](number)
                spent = (time.perf_counter() - started) * 1000
                if number >= 0:
                    times.setdefault(name, {}).setdefault(side.name, []).append(spent)
    medians = {
        name: {side: statistics.median(spent) for side, spent in by_side.items()}
        for name, by_side in times.items()
    }
    medians["the sweep, an order"] = {side.name: await _sweep(side, due) for side in sides}
    for name, by_name in medians.items():
        print(name, {side: round(spent, 3) for side, spent in by_name.items()}, flush=True)
    return medians


async def _works(side: Side, rounds: int) -> dict[str, Work]:
    reviewed = await _waiting(side.database, 2 * (rounds + 3))
    order = ids.encode("ServiceOrder", 1, reviewed[-1])
    keys = count()
    desk = side.desk

    def review(number: int) -> dict[str, Any]:
        id_ = ids.encode("ServiceOrder", 1, reviewed[number + 3])
        return {"id": id_, "decision": _REJECTED}

    def review_once(number: int) -> dict[str, Any]:
        id_ = ids.encode("ServiceOrder", 1, reviewed[rounds + 3 + number + 3])
        return {"id": id_, "decision": _REJECTED, "idempotencyKey": f"bench-{next(keys)}"}

    return {
        "a queue's page": lambda _: desk.ask(PAGE, orderBy="DUE_AT_ASC"),
        "an order": lambda _: desk.ask(ORDER, id=order),
        "an order with its timeline": lambda _: desk.ask(TIMELINE, id=order),
        "the counters": lambda _: desk.ask(SUMMARY),
        "a review": lambda number: _decide(desk, review(number)),
        "a review under a key": lambda number: _decide(desk, review_once(number)),
    }


async def _decide(desk: Desk, input_: dict[str, Any]) -> None:
    answer = await desk.ask(REVIEW, input=input_)
    if answer["refusals"]:
        raise ValueError(answer["refusals"])


async def _waiting(database: Database, most: int) -> Sequence[int]:
    """Orders of the first merchant that wait for review, those due last."""
    query = (
        sa.select(service_orders.c.id)
        .where(service_orders.c.merchant_id == 1, service_orders.c.status == Status.PENDING_REVIEW)
        .order_by(service_orders.c.clock_due_at.desc(), service_orders.c.id)
        .limit(most)
    )
    async with database.read() as connection:
        return (await connection.execute(query)).scalars().all()


async def _sweep(side: Side, due: int) -> float:
    """Milliseconds for each order that was due. A short sweep goes before, which opens sessions."""
    await _fire(side, due // 20)
    result, spent = await _fire(side, due)
    return spent * 1000 / result.total


async def _fire(side: Side, due: int) -> tuple[SweepResult, float]:
    """Sweep so many orders, and return the seconds that it took."""
    due_at = service_orders.c.clock_due_at
    query = sa.select(due_at).where(sa.text(WATCHED)).order_by(due_at).offset(due - 1).limit(1)
    async with side.database.read() as connection:
        now: datetime = (await connection.execute(query)).scalar_one()
    started = time.perf_counter()
    result = await fire_timers(side.database, now)
    return result, time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(main())
