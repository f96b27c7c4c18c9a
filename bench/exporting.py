"""Exports all orders of one merchant in each format: rows, seconds, and the memory of the process.

    python -m bench.exporting [--orders 1000000]

Each export runs in a process of its own: `python -m bench.exporting --format CSV --url URL` prints
its measurements as a line of JSON.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import obstore.store
import orjson
import sqlalchemy as sa

from bench import fill
from bench.database import Server, serving
from bench.results import Report
from bench.shops import KEYS, Shop
from database.database import Database
from domain.export_columns import ExportColumn
from domain.exports import ExportFormat, ExportStatus
from domain.text import Language
from jobs.exports.run import claim, run_export
from models import schema_version
from models.clock import WallClock
from models.export import Export, exports
from models.ids import new_id
from models.queries import export_rows
from models.queries.export_rows import Matching
from models.tables import add
from parts import Parts
from resolvers.pictures import Pictures

FLAT_MB: Final = 30
"""How much more memory the export of all orders may take than its first tenth."""

SAMPLE_S: Final = 0.05
_SHOP: Final = Shop(1)
_COLUMNS: Final = (
    *(ExportColumn.NUMBER, ExportColumn.STATUS, ExportColumn.ORDER_NUMBER),
    *(ExportColumn.APPLIED_AT, ExportColumn.EXPECTATION, ExportColumn.REASON),
    *(ExportColumn.DESCRIPTION, ExportColumn.ITEM_NAME, ExportColumn.SKU, ExportColumn.QUANTITY),
    *(ExportColumn.PAID_AMOUNT, ExportColumn.DECISION, ExportColumn.DECIDED_AT),
    *(ExportColumn.DECIDED_BY, ExportColumn.WAYBILL, ExportColumn.FINISHED_AT),
    *(ExportColumn.CUSTOMER_REF, ExportColumn.UPDATED_AT),
)
_CONTACTS: Final = (ExportColumn.CONTACT_NAME, ExportColumn.CONTACT_PHONE)
_WORKS: Final = (
    *((format_, False) for format_ in ExportFormat),
    (ExportFormat.CSV, True),
)
"""The formats, and at last one that reveals contacts, because it writes to the database."""


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--format", type=ExportFormat)
    parser.add_argument("--contacts", action="store_true")
    parser.add_argument("--url")
    arguments = parser.parse_args()
    if arguments.url:
        measured = await _export(arguments.url, arguments.format, contacts=arguments.contacts)
        sys.stdout.buffer.write(orjson.dumps(measured))
        return
    report = Report("export", "Exports")
    with serving() as server:
        report.servers = {"PostgreSQL": server.version}
        url = await _filled(server, arguments.orders)
        for format_, contacts in _WORKS:
            await _measure(report, url, format_, contacts=contacts)
        await server.drop("export")
    report.write()


async def _filled(server: Server, orders: int) -> str:
    """The address of a database in which one merchant has all orders."""
    await server.drop("export")
    await server.run("CREATE DATABASE export")
    url = server.url("export")
    database = Database.open(url)
    await schema_version.upgrade(database)
    await database.close()
    await fill.fill(url, orders, merchants=1)
    return url


async def _measure(report: Report, url: str, format_: ExportFormat, *, contacts: bool) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.exporting", "--format", format_, "--url", url),
        *(["--contacts"] if contacts else []),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    output, _ = await process.communicate()
    measured: dict[str, Any] = orjson.loads(output)  # Any: JSON
    memory, pauses = measured["memory"], sorted(measured["pauses"])
    early, peak = memory[len(memory) // 10], measured["peak"]
    name = f"{format_}, contacts revealed" if contacts else str(format_)
    report.add(
        "One merchant's orders",
        file=name,
        rows=measured["rows"],
        seconds=round(measured["seconds"], 1),
        **{
            "rows/s": round(measured["rows"] / measured["seconds"]),
            "MB of the file": round(measured["bytes"] / 1e6, 1),
            "MB before": round(memory[0]),
            "MB early": round(early),
            "MB at most": round(peak),
            "other work waits, p99 ms": round(pauses[round(0.99 * (len(pauses) - 1))], 1),
        },
    )
    report.demand(f"{name}: memory flat", met=peak - early <= FLAT_MB)


async def _export(url: str, format_: ExportFormat, *, contacts: bool) -> dict[str, Any]:
    """Run one export in this process. Any: JSON."""
    memory, pauses = [_memory()], list[float]()
    sampling = asyncio.create_task(_sample(memory, pauses))
    with tempfile.TemporaryDirectory() as folder:
        store = obstore.store.LocalStore(folder)
        parts = Parts(Database.open(url), KEYS, Pictures(store, KEYS), WallClock())
        row = await _add(parts, format_, contacts=contacts)
        begun = await claim(parts.exporting)
        assert begun is not None  # noqa: S101 - it was just added
        pauses.clear()
        start = time.perf_counter()
        await run_export(parts.exporting, begun, asyncio.Event())
        seconds = time.perf_counter() - start
        sampling.cancel()
        async with parts.database.read() as connection:
            statement = sa.select(exports).where(exports.c.id == row.id)
            done = (await connection.execute(statement)).one()
        await parts.database.close()
    if done.status is not ExportStatus.DONE or done.rows_written != row.total:
        raise AssertionError(f"{done.status}, {done.rows_written} of {row.total} rows")
    return {
        "rows": done.rows_written,
        "bytes": done.bytes,
        "seconds": seconds,
        "memory": memory,
        "peak": _peak(),
        "pauses": pauses,
    }


async def _add(parts: Parts, format_: ExportFormat, *, contacts: bool) -> Export:
    now, owner = datetime.now(UTC), _SHOP.owner
    async with parts.database.write() as connection:
        matching = Matching(merchant_id=_SHOP.id, until=now)
        export = Export(
            merchant_id=_SHOP.id,
            id=new_id(),
            status=ExportStatus.QUEUED,
            format=format_,
            language=Language.ZH,
            chosen_columns=[*_COLUMNS, *(_CONTACTS if contacts else ())],
            total=await export_rows.count(connection, matching, most=10_000_000),
            requested_by_kind=owner.kind,
            requested_by_id=owner.id,
            requested_by=owner.name,
            created_at=now,
            updated_at=now,
            lease_until=now,
        )
        await add(connection, export)
    return export


async def _sample(memory: list[float], pauses: list[float]) -> None:
    """Record the memory, and for how long other work of the process has to wait, in ms."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(SAMPLE_S)
        pauses.append(1_000 * (time.perf_counter() - start - SAMPLE_S))
        memory.append(_memory())


def _memory() -> float:
    """The memory of this process, in MB."""
    return _status("VmRSS")


def _peak() -> float:
    """The most memory that this process has had, in MB.

    ``getrusage`` also counts that of the process that started it.
    """
    return _status("VmHWM")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(kilobytes) / 1024


if __name__ == "__main__":
    asyncio.run(main())
