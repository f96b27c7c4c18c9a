"""How time grows from 10,000 to 1,000,000 orders: a queue's page, the counters, the clock's look.

    python -m bench.growth [--orders 10000,100000,1000000] [--rounds 60]

Each is asked of the application in this process, for the merchant that has most orders. What is
counted is the time from a statement to its rows, and the whole answer's beside it.
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
from typing import Any, Final
from unittest.mock import patch

import httpx2
import obstore.store
from sqlalchemy import event

from app import create_app
from bench.database import LARGEST_FILE, filled_file, serving
from bench.orders import BEGIN, SPAN
from bench.results import Report
from bench.shops import KEYS, Shop, token_of
from database.database import Database
from database.driver_connection import DriverConnection
from models.clock import WallClock
from models.queries import due
from parts import Parts
from resolvers.pictures import Pictures
from schema.build import build

PAGE: Final = """query($orderBy: ServiceOrderOrdering!, $after: String) {
  serviceOrders(orderBy: $orderBy, after: $after, first: 50, filter: {status: [PENDING_REVIEW]}) {
    nodes { id number status expectation description appliedAt updatedAt item { name quantity }
      clock { dueAt remaining } merchant { name } assignee { name } }
    pageInfo { hasNextPage endCursor } } }"""
SUMMARY: Final = """{ queueSummary { review { waiting overdue dueSoon }
  receipt { waiting overdue dueSoon } processing { waiting overdue dueSoon }
  autoApprovalBlocked } }"""
LOOK: Final = 500
GROWS: Final = "the counters"
"""What may grow, as it counts the merchant's orders that wait."""

SLACK_MS: Final = 1.0
AT_MOST: Final = 2.0
"""How many times as long something may take in the largest database, and be said not to grow."""


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--orders", default="10000,100000,1000000")
    asked.add_argument("--rounds", type=int, default=60)
    said = asked.parse_args()
    sizes = [int(one) for one in said.orders.split(",")]
    report = Report("growth", "Growth")
    found: dict[str, dict[str, dict[int, Took]]] = {"PostgreSQL": {}, "SQLite": {}}
    with serving() as server:
        report.servers = {"PostgreSQL": server.version}
        for size in sizes:
            url = server.url(await server.filled(size))
            await _measure(found["PostgreSQL"], url, size, said.rounds)
    for size in sorted({min(size, LARGEST_FILE) for size in sizes}):
        url = f"sqlite+aiosqlite:///{await filled_file(size)}"
        await _measure(found["SQLite"], url, size, said.rounds)
    for database, works in found.items():
        for work, took in works.items():
            _tell(report, database, work, took)
    report.write()


@dataclass(frozen=True, slots=True)
class Took:
    """Medians, in milliseconds: of the statements, and of the whole answer."""

    statements: float
    answer: float


def _tell(report: Report, database: str, work: str, took: dict[int, Took]) -> None:
    first, last = min(took), max(took)
    before, after = took[first].statements, took[last].statements
    report.add(
        database,
        work=work,
        **{f"{size:,} ms": round(one.statements, 2) for size, one in took.items()},
        times=round(after / before, 2),
        **{f"answer at {last:,} ms": round(took[last].answer, 2)},
    )
    if work != GROWS:
        report.demand(
            f"{database}: {work} does not grow with the table",
            met=after <= max(AT_MOST * before, before + SLACK_MS),
        )


async def _measure(found: dict[str, dict[int, Took]], url: str, size: int, rounds: int) -> None:
    database = Database.open(url)
    with tempfile.TemporaryDirectory() as folder:
        pictures = Pictures(obstore.store.LocalStore(folder), KEYS)
        parts = Parts(database, KEYS, pictures, WallClock())
        app = create_app(parts, runs_clock=False, schema=build())
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as http:
            desk = Desk(http, token_of(Shop(1).reviewers[0]))
            works = await _works(desk, database)
            for name, work in works.items():
                found.setdefault(name, {})[size] = await _time(database, work, rounds)
                print(url.rpartition("/")[2], name, found[name][size], flush=True)
    await database.close()


Work = Callable[[], Awaitable[Any]]  # Any: nobody looks at what is answered


async def _works(desk: "Desk", database: Database) -> dict[str, Work]:
    newest, urgent = {"orderBy": "APPLIED_AT_DESC"}, {"orderBy": "DUE_AT_ASC"}
    first = await desk.ask(PAGE, **urgent)
    later = {"after": first["pageInfo"]["endCursor"], **urgent}
    now = BEGIN + SPAN + timedelta(days=30)
    return {
        "a queue's page, the newest first": lambda: desk.ask(PAGE, **newest),
        "a queue's page, the most urgent first": lambda: desk.ask(PAGE, **urgent),
        "its second page": lambda: desk.ask(PAGE, **later),
        GROWS: lambda: desk.ask(SUMMARY),
        "the clock's look at what is next": lambda: _next(database),
        f"the clock's look at {LOOK} that are due": lambda: _look(database, now),
    }


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody's desk, over HTTP without a network."""

    http: httpx2.AsyncClient
    token: str

    async def ask(self, query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        answer = await self.http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        said = answer.json()
        if "errors" in said:
            raise ValueError(said["errors"])
        return next(iter(said["data"].values()))


async def _next(database: Database) -> None:
    async with database.read() as connection:
        await due.find_next(connection)


async def _look(database: Database, now: datetime) -> None:
    """On SQLite nothing is locked by it."""
    if database.is_sqlite:
        async with database.read() as connection:
            await due.claim(connection, now, most=LOOK)
        return
    async with database.writing.connect() as connection:
        await due.claim(connection, now, most=LOOK)
        await connection.rollback()


async def _time(database: Database, work: Work, rounds: int) -> Took:
    for _ in range(max(3, rounds // 10)):
        await work()
    statements, answers = [], []
    async with _counting(database) as spent:
        for _ in range(rounds):
            spent[0] = 0.0
            begun = time.perf_counter()
            await work()
            answers.append((time.perf_counter() - begun) * 1000)
            statements.append(spent[0] * 1000)
    return Took(statistics.median(statements), statistics.median(answers))


@asynccontextmanager
async def _counting(database: Database) -> AsyncIterator[list[float]]:
    """A list of one number, to which the seconds that statements take are added."""
    spent, begun = [0.0], [0.0]

    def begin(*_: object) -> None:
        begun[0] = time.perf_counter()

    def end(*_: object) -> None:
        spent[0] += time.perf_counter() - begun[0]

    async def fetch(rows: DriverConnection, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        begin()
        found = await fetched(rows, statement, values)
        end()
        return found

    engines = (database.reading.sync_engine, database.writing.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", begin)
        event.listen(engine, "after_cursor_execute", end)
    fetched = DriverConnection.fetch
    with patch.object(DriverConnection, "fetch", fetch):  # what the driver is asked by itself
        yield spent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", begin)
        event.remove(engine, "after_cursor_execute", end)


if __name__ == "__main__":
    asyncio.run(main())
