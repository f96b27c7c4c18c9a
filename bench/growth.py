"""How times grow from 10,000 to 1,000,000 orders: queue pages, searches, counters, due orders.

    python -m bench.growth [--orders 10000,100000,1000000] [--rounds 60]

The application answers in this process, for the merchant with the most orders. Measured are the
time from a statement to its rows, and beside it that of the whole answer.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from unittest.mock import patch

import httpx2
import obstore.store
import sqlalchemy as sa
from sqlalchemy import event

from app import create_app
from bench.database import LARGEST_FILE, filled_file, serving
from bench.orders import SPAN, name_of, phone_of
from bench.results import Report
from bench.shops import KEYS, Shop, token_of
from bench.stories import BEGIN
from database.database import Database
from database.driver_connection import DriverConnection
from models.clock import WallClock
from models.queries import due
from models.queries.queues import QUEUES
from models.service_order import service_orders
from parts import Parts
from resolvers.pictures import Pictures
from schema import ids
from schema.build import build

PAGE: Final = """query($orderBy: ServiceOrderOrdering!, $after: String) {
  serviceOrders(orderBy: $orderBy, after: $after, first: 50, filter: {status: [PENDING_REVIEW]}) {
    nodes { id number status expectation description appliedAt updatedAt item { name quantity }
      clock { dueAt remaining } merchant { name } assignee { name } }
    pageInfo { hasNextPage endCursor } } }"""
SUMMARY: Final = """{ queueSummary { review { waiting overdue dueSoon }
  receipt { waiting overdue dueSoon } processing { waiting overdue dueSoon }
  autoApprovalBlocked } }"""
SEARCH: Final = """query($filter: ServiceOrderFilter!) {
  serviceOrders(filter: $filter, first: 20) { nodes { id number status appliedAt item { name }
    customer { name } } pageInfo { hasNextPage endCursor } } }"""
SAMPLE: Final = """{ serviceOrders(orderBy: APPLIED_AT_ASC, first: 100) {
  nodes { number orderNumber inbound { waybill } appliedAt } } }"""
COUNTS: Final = "{ statusCounts { status count } }"
LOOK: Final = 500
WAITING: Final = 200
"""About as many orders wait, in each size of the table, where the counters are compared."""
GROWS: Final = frozenset(
    {"the counters", "the counts of statuses", "search: the beginning of a name"}
)
"""These works may grow.

The first counts what waits at the merchant with the most orders, the second its orders, up to
10,000 of each status. The third finds more of them, up to 1,000 names.
"""

SLACK_MS: Final = 1.0
MAX_FACTOR: Final = 2.0
"""The factor up to which the time in the largest database counts as not grown."""


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", default="10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.orders.split(",")]
    report = Report("growth", "Growth")
    times: dict[str, dict[str, dict[int, Times]]] = {"PostgreSQL": {}, "SQLite": {}}
    with serving() as server:
        report.servers = {"PostgreSQL": server.version}
        for size in sizes:
            url = server.url(await server.filled(size))
            await _measure(times["PostgreSQL"], url, size, arguments.rounds)
    for size in sorted({min(size, LARGEST_FILE) for size in sizes}):
        url = f"sqlite+aiosqlite:///{await filled_file(size)}"
        await _measure(times["SQLite"], url, size, arguments.rounds)
    for database, works in times.items():
        for work, by_size in works.items():
            judge(report, database, work, by_size)
    report.write()


@dataclass(frozen=True, slots=True)
class Times:
    """Medians in milliseconds: of the statements, and of the whole answer."""

    statements: float
    answer: float


def judge(report: Report, database: str, work: str, times: dict[int, Times]) -> None:
    """Add a row of the times, and demand that they do not grow."""
    first, last = min(times), max(times)
    before, after = times[first].statements, times[last].statements
    report.add(
        database,
        work=work,
        **{f"{size:,} ms": round(median.statements, 2) for size, median in times.items()},
        times=round(after / before, 2),
        **{f"answer at {last:,} ms": round(times[last].answer, 2)},
    )
    if work not in GROWS:
        report.demand(
            f"{database}: {work} does not grow with the table",
            met=after <= max(MAX_FACTOR * before, before + SLACK_MS),
        )


async def _measure(times: dict[str, dict[int, Times]], url: str, size: int, rounds: int) -> None:
    database = Database.open(url)
    with tempfile.TemporaryDirectory() as folder:
        pictures = Pictures(obstore.store.LocalStore(folder), KEYS)
        parts = Parts(database, KEYS, pictures, WallClock())
        app = create_app(parts, runs_clock=False, schema=build())
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as http:
            desk = Desk(http, token_of(Shop(1).reviewers[0]))
            works = await _works(desk, database)
            alike = Desk(http, token_of((await _shop_with(database, WAITING)).reviewers[0]))
            works["the counters of some hundreds"] = partial(alike.ask, SUMMARY)
            for name, work in works.items():
                times.setdefault(name, {})[size] = await timed(database, work, rounds)
                print(url.rpartition("/")[2], name, times[name][size], flush=True)
    await database.close()


Work = Callable[[], Awaitable[Any]]  # Any: the answer is not used


async def _works(desk: "Desk", database: Database) -> dict[str, Work]:
    newest, urgent = {"orderBy": "APPLIED_AT_DESC"}, {"orderBy": "DUE_AT_ASC"}
    first = await desk.ask(PAGE, **urgent)
    later = {"after": first["pageInfo"]["endCursor"], **urgent}
    now = BEGIN + SPAN + timedelta(days=30)
    return {
        "a queue's page, the newest first": lambda: desk.ask(PAGE, **newest),
        "a queue's page, the most urgent first": lambda: desk.ask(PAGE, **urgent),
        "its second page": lambda: desk.ask(PAGE, **later),
        **await _searches(desk),
        "the counters": lambda: desk.ask(SUMMARY),
        "the counts of statuses": lambda: desk.ask(COUNTS),
        "the clock's look at what is next": lambda: _next(database),
        f"the clock's look at {LOOK} that are due": lambda: _look(database, now),
    }


async def _shop_with(database: Database, waiting: int) -> Shop:
    """The merchant where about so many orders wait."""
    count = sa.func.count()
    statement = (
        sa.select(service_orders.c.merchant_id, count)
        .where(service_orders.c.status.in_(QUEUES.values()))
        .group_by(service_orders.c.merchant_id)
        .order_by(sa.func.abs(count - waiting), service_orders.c.merchant_id)
        .limit(1)
    )
    async with database.read() as connection:
        merchant, counted = (await connection.execute(statement)).one()
    print(f"merchant {merchant}: {counted} orders wait", flush=True)
    return Shop(merchant)


async def _searches(desk: "Desk") -> dict[str, Work]:
    """Each search for what a parcel of the merchant's had, whatever the number of orders."""
    sample = (await desk.ask(SAMPLE))["nodes"]
    order = next(node for node in sample if node["inbound"])
    number = int(order["orderNumber"].removeprefix("26"))
    day = datetime.fromisoformat(order["appliedAt"]) + timedelta(hours=9)
    hour = {"from": day.isoformat(), "to": (day + timedelta(hours=1)).isoformat()}
    receipt = day + timedelta(hours=101)
    receipts = {"from": receipt.isoformat(), "to": (receipt + timedelta(hours=1)).isoformat()}
    reviewer = ids.encode("Employee", Shop(1).id, Shop(1).reviewers[0].id)
    filters: dict[str, dict[str, Any]] = {
        "numbers": {"number": order["number"]},
        "a purchase": {"orderNumber": order["orderNumber"]},
        "the beginning of a purchase's number": {"numberPrefix": order["orderNumber"][:-1]},
        "the beginning of an order's number": {"numberPrefix": order["number"][:4]},
        "a waybill": {"waybill": order["inbound"]["waybill"]},
        "the last four digits of a phone": {"phone": phone_of(number)[-4:]},
        "a phone": {"phone": phone_of(number)},
        "the beginning of a name": {"customerName": name_of(number)[:4]},
        "a reviewer": {"reviewerId": reviewer},
        "a common decision": {"decision": ["APPROVE"]},
        "a rare decision": {"decision": ["RECORD_GIVE_UP"]},
        "an hour's decisions": {"decided": hour},
        "an hour's receipts": {"received": receipts},
        "an hour's endings": {"finished": hour},
        "an hour's changes": {"updated": hour},
    }
    return {
        f"search: {name}": partial(desk.ask, SEARCH, filter=filter_)
        for name, filter_ in filters.items()
    }


@dataclass(frozen=True, slots=True)
class Desk:
    """An employee's client, over HTTP without a network."""

    http: httpx2.AsyncClient
    token: str

    async def ask(self, query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        answer = await self.http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        payload = answer.json()
        if "errors" in payload:
            raise ValueError(payload["errors"])
        return next(iter(payload["data"].values()))


async def _next(database: Database) -> None:
    async with database.read() as connection:
        await due.find_next(connection)


async def _look(database: Database, now: datetime) -> None:
    """Claim due orders; on SQLite this locks no rows."""
    if database.is_sqlite:
        async with database.read() as connection:
            await due.claim(connection, now, most=LOOK)
        return
    async with database.writing.connect() as connection:
        await due.claim(connection, now, most=LOOK)
        await connection.rollback()


async def timed(database: Database, work: Work, rounds: int) -> Times:
    """Do the work several times."""
    for _ in range(max(3, rounds // 10)):
        await work()
    statements, answers = [], []
    async with _counting(database) as spent:
        for _ in range(rounds):
            spent[0] = 0.0
            started = time.perf_counter()
            await work()
            answers.append((time.perf_counter() - started) * 1000)
            statements.append(spent[0] * 1000)
    return Times(statistics.median(statements), statistics.median(answers))


@asynccontextmanager
async def _counting(database: Database) -> AsyncIterator[list[float]]:
    """A list of one number, which grows by the seconds that statements take."""
    spent, started = [0.0], [0.0]

    def begin(*_: object) -> None:
        started[0] = time.perf_counter()

    def end(*_: object) -> None:
        spent[0] += time.perf_counter() - started[0]

    async def fetch(
        connection: DriverConnection, statement: str, values: Sequence[Any]
    ) -> Sequence[Any]:
        begin()
        rows = await fetch_unpatched(connection, statement, values)
        end()
        return rows

    engines = (database.reading.sync_engine, database.writing.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", begin)
        event.listen(engine, "after_cursor_execute", end)
    fetch_unpatched = DriverConnection.fetch
    with patch.object(DriverConnection, "fetch", fetch):  # statements that bypass SQLAlchemy
        yield spent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", begin)
        event.remove(engine, "after_cursor_execute", end)


if __name__ == "__main__":
    asyncio.run(main())
