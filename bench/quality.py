"""What figures of service quality cost: deriving cases beside reviewing, and a year's report.

    python -m bench.quality [--orders 10000,1000000] [--reviews 500] [--merchant 100000]

Reviews, and the round of the job that counts them, run in this process: measured is its processor
time, and on PostgreSQL that of the server's processes beside it. The report is that of one merchant
with so many orders, whatever the others have.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import httpx2
import obstore.store
import sqlalchemy as sa

from app import create_app
from bench.database import CACHE, LARGEST_FILE, Server, filled_file, serving
from bench.growth import Desk, Work, judge, timed
from bench.orders import SPAN
from bench.results import Report
from bench.reviewing import REJECTED, REVIEW, Key
from bench.shops import KEYS, Shop, token_of
from bench.stories import BEGIN
from database.database import Database
from domain.quality.cases import CaseKind, Mark
from domain.quality.metrics import HOUR_MS
from domain.statuses import Status
from jobs.quality.derive import derive
from jobs.sequencer import sequence
from models.clock import WallClock
from models.quality import quality_cases
from models.service_order import service_orders
from parts import Parts
from resolvers.pictures import Pictures
from schema import ids
from schema.build import build

MOST_SHARE: Final = 0.1
"""What deriving may cost, as a part of what the reviews cost."""
ROUND: Final = 50
"""Reviews of all merchants between two rounds of the job, which begin once a second."""
YEAR: Final = """query($by: QualityDimension) { qualityReport(by: $by, period: {
    range: {first: "2025-10-01", last: "2026-09-30"}}) {
  figures { metric numerator denominator value } series { figures { value } } } }"""
CASES: Final = """query($part: QualityPart) { qualityReport(metrics: [REJECTION], part: $part,
    first: 50, period: {range: {first: "2025-10-01", last: "2026-09-30"}}) {
  figures { orders { nodes { at hours marks } pageInfo { endCursor } } } } }"""
_BATCH: Final = 5_000
_STORY: Final = (
    (CaseKind.REVIEW, Mark.ON_TIME | Mark.APPROVED | Mark.BY_PERSON),
    (CaseKind.RECEIPT, Mark.ON_TIME | Mark.BY_PERSON),
    (CaseKind.PROCESSING, Mark.ON_TIME | Mark.BY_PERSON),
    (CaseKind.HANDLING, Mark.BY_PERSON),
    (CaseKind.RESULT, Mark.BY_PERSON),
    (CaseKind.END, Mark.CONCLUDED | Mark.UNAIDED | Mark.BY_PERSON),
)
"""The cases of an ordinary order."""


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", default="10000,1000000")
    parser.add_argument("--reviews", type=int, default=500)
    parser.add_argument("--merchant", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.orders.split(",")]
    report = Report("quality", "Service quality")
    with serving() as server:
        report.servers = {"PostgreSQL": server.version}
        for name, copies in (("PostgreSQL", _of_server(server)), ("SQLite", _of_files())):
            times: dict[str, dict[int, Any]] = {}
            for size in sizes:
                size = min(size, LARGEST_FILE) if name == "SQLite" else size  # noqa: PLW2901 - the largest that there is
                async with copies(size) as url, _desk(url) as (desk, database):
                    await _derive_all(report, name, database, size)
                    if name == "PostgreSQL":
                        await server.run("ANALYZE", name="quality")
                    for spread in (False, True):
                        keys = await _waiting(database, arguments.reviews, spread=spread)
                        whose = "many merchants" if spread else "one merchant"
                        await _compare(report, f"{name}, {whose}", desk, database, keys)
                    await _fill(database, arguments.merchant)
                    if name == "PostgreSQL":
                        await server.run("VACUUM ANALYZE quality_case", name="quality")
                    for work, ask in _reports(desk).items():
                        spent = await timed(database, ask, arguments.rounds)
                        times.setdefault(work, {})[size] = spent
            for work, by_size in times.items():
                judge(report, f"{name}, {arguments.merchant:,} orders", work, by_size)
    report.write()


def _of_server(server: Server) -> Callable[[int], Any]:  # Any: a context manager of an address
    @asynccontextmanager
    async def copies(size: int) -> AsyncIterator[str]:
        yield await server.copy(await server.filled(size), "quality")
        await server.drop("quality")

    return copies


def _of_files() -> Callable[[int], Any]:  # Any: the same
    @asynccontextmanager
    async def copies(size: int) -> AsyncIterator[str]:
        copy = CACHE / "quality.db"
        for file in CACHE.glob("quality.db*"):  # a bench that was killed leaves its own
            file.unlink()
        shutil.copyfile(await filled_file(size), copy)
        yield f"sqlite+aiosqlite:///{copy}"
        for file in CACHE.glob("quality.db*"):
            file.unlink()

    return copies


@asynccontextmanager
async def _desk(url: str) -> AsyncIterator[tuple[Desk, Database]]:
    database = Database.open(url)
    with tempfile.TemporaryDirectory() as folder:
        pictures = Pictures(obstore.store.LocalStore(folder), KEYS)
        parts = Parts(database, KEYS, pictures, WallClock())
        transport = httpx2.ASGITransport(create_app(parts, runs_clock=False, schema=build()))
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as http:
            yield Desk(http, token_of(Shop(1).owner)), database
    await database.close()


async def _derive_all(report: Report, name: str, database: Database, size: int) -> None:
    started, processor = time.perf_counter(), _processor_seconds()
    await _catch_up(database)
    seconds = time.perf_counter() - started
    report.add(
        "All cases anew",
        database=name,
        orders=size,
        seconds=round(seconds, 1),
        **{
            "orders/s": round(size / seconds),
            "processor, µs/order": round((_processor_seconds() - processor) / size * 1e6),
        },
    )


async def _catch_up(database: Database) -> None:
    while await sequence(database, WallClock().now()):
        pass
    while await derive(database):
        pass


async def _waiting(database: Database, reviews: int, *, spread: bool) -> list[Key]:
    """Orders that wait for review: of the largest merchant, or of one after the other."""
    order = service_orders.c
    rank = sa.func.row_number().over(partition_by=order.merchant_id, order_by=order.id)
    query = (
        sa.select(order.merchant_id, order.id)
        .where(order.status == Status.PENDING_REVIEW)
        .order_by(*([rank] if spread else []), order.merchant_id, order.id)
        .limit(reviews)
    )
    if not spread:
        query = query.where(order.merchant_id == Shop(1).id)
    async with database.read() as connection:
        return [(merchant, id_) for merchant, id_ in await connection.execute(query)]


async def _compare(
    report: Report, name: str, desk: Desk, database: Database, waiting: Sequence[Key]
) -> None:
    """Review orders, and count them: the processor time of each."""
    tokens = {merchant: token_of(Shop(merchant).owner) for merchant, _ in waiting}
    reviewing, deriving, number = 0.0, 0.0, 0
    for start in range(0, len(waiting), ROUND):
        before = _processor_seconds()
        orders = waiting[start : start + ROUND]
        for merchant, order in orders:
            id_ = ids.encode("ServiceOrder", merchant, order)
            await replace(desk, token=tokens[merchant]).ask(
                REVIEW, input={"id": id_, "decision": REJECTED}
            )
        reviewed = _processor_seconds()
        while await sequence(database, WallClock().now()):
            pass
        sequenced = _processor_seconds()
        while await derive(database):
            pass
        if start:  # the first round warms up
            reviewing += reviewed - before
            deriving += _processor_seconds() - sequenced
            number += len(orders)
    share = deriving / reviewing
    report.add(
        "Deriving beside reviews",
        database=name,
        reviews=number,
        **{
            "a review, processor µs": round(reviewing / number * 1e6),
            "its cases, processor µs": round(deriving / number * 1e6),
            "part": f"{share:.1%}",
        },
    )
    report.demand(
        f"{name}: cases cost at most {MOST_SHARE:.0%} of the reviews", met=share <= MOST_SHARE
    )


async def _fill(database: Database, orders: int) -> None:
    """Give the merchant the cases of so many orders within a year, in place of its own."""
    merchant = Shop(1).id
    async with database.write() as connection:
        await connection.execute(
            sa.delete(quality_cases).where(quality_cases.c.merchant_id == merchant)
        )
    rows = _rows(orders)
    while batch := list(islice(rows, _BATCH)):
        async with _unchecked(database) as connection:
            await connection.execute(sa.insert(quality_cases), batch)


@asynccontextmanager
async def _unchecked(database: Database) -> AsyncIterator[Any]:
    """A connection on which foreign keys are not checked: the cases' orders do not exist."""
    async with database.writing.connect() as connection:
        if database.is_sqlite:
            await connection.exec_driver_sql("ROLLBACK")
            await connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        await connection.commit()
        if database.is_sqlite:
            await connection.exec_driver_sql("ROLLBACK")
            await connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _rows(orders: int) -> Iterator[dict[str, Any]]:  # Any: values of columns
    shop = Shop(1)
    for number in range(1, orders + 1):
        at = BEGIN + SPAN * number / (orders + 1)
        for sequence_, (kind, marks) in enumerate(_STORY, start=2):
            yield {
                "merchant_id": shop.id,
                "service_order_id": number,
                "kind": kind,
                "sequence": sequence_,
                "at": at + timedelta(hours=sequence_),
                "day": (at + timedelta(hours=sequence_)).toordinal(),
                "employee_id": shop.employees[number % len(shop.employees)].id,
                "marks": int(marks if number % 7 else Mark.REJECTED | Mark.BY_PERSON),
                "amount": number * 7_919 % (48 * HOUR_MS),
                "reason_code": f"QUALITY.{number % 12}",
                "category": f"类目{number % 30}",
            }


def _reports(desk: Desk) -> dict[str, Work]:
    return {
        "a year's report": lambda: desk.ask(YEAR),
        "a year's report by day": lambda: desk.ask(YEAR, by="DAY"),
        "a year's report by employee": lambda: desk.ask(YEAR, by="EMPLOYEE"),
        "the first orders behind a figure": lambda: desk.ask(CASES, part="NUMERATOR"),
    }


def _processor_seconds() -> float:
    """Of this process, and of the PostgreSQL server for benches with its processes."""
    server = _server_seconds()
    return time.process_time() + server


def _server_seconds() -> float:
    """Of living processes in nanoseconds, of ended ones in ticks of the system.

    Only the server's own processes are looked at: the others would take longer than a round.
    """
    postmaster = CACHE / "postgresql" / "postmaster.pid"
    if not postmaster.exists():
        return 0.0
    folder = Path("/proc") / postmaster.read_text().split()[0]
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    for pid in [folder.name, *(folder / "task" / folder.name / "children").read_text().split()]:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            schedule = (folder.parent / pid / "schedstat").read_text()
            seconds += int(schedule.split()[0]) / 1e9
    return seconds


if __name__ == "__main__":
    asyncio.run(main())
