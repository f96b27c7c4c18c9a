"""What partitions by a hash of the merchant buy on one machine: the orders in one table, and in 16.

    AFTERSALES_TEST_CITUS_URL=postgresql://… python -m bench.partitions
        [--orders 300000] [--rounds 200]

The address is that of ``bench.distributed``; a plain database on its server is used. The statements
are prepared, as the server's are, and the two tables take turns.
"""

import argparse
import asyncio
import statistics
import time
from typing import Any, Final

from sqlalchemy.engine import URL

from bench import fill
from bench.results import Report
from database.database import Database
from models import schema_version
from tests.cluster import CLUSTER, cluster_url, create_empty, drop, nodes_of
from tests.direct import connect

PARTITIONS: Final = 16
NAME: Final = "bench_partitions"
_TABLES: Final = ("whole", "parts")
_STATEMENTS: Final = {
    "a queue's page": (
        "SELECT id, status, version, clock_due_at FROM {table} WHERE merchant_id = $1"
        " AND status = 'PENDING_REVIEW' ORDER BY clock_due_at, id LIMIT 20"
    ),
    "an order": "SELECT * FROM {table} WHERE merchant_id = $1 AND id = $2",
    "a step": (
        "UPDATE {table} SET version = version + 1, updated_at = now()"
        " WHERE merchant_id = $1 AND id = $2"
    ),
    "the clock's look at what is next": (
        "SELECT min(clock_due_at) FROM {table} WHERE status = 'PENDING_REVIEW'"
    ),
}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    url = cluster_url()
    if url is None:
        raise SystemExit(f"{CLUSTER} names no cluster of Citus")
    nodes = (await nodes_of(url))[:1]
    address = await create_empty(nodes, NAME)
    report = Report("partitions", "Partitions by merchant")
    try:
        connection = await _filled(address, arguments.orders)
        report.servers = {
            "PostgreSQL": (await connection.fetchval("SHOW server_version")).split()[0]
        }
        for work, spent in (await _measure(connection, arguments.rounds)).items():
            whole, parts = (spent[table] for table in _TABLES)
            report.add(
                f"One table of {arguments.orders:,} orders, and {PARTITIONS} partitions",
                work=work,
                **{
                    "one table ms": round(whole, 3),
                    "partitions ms": round(parts, 3),
                    "times": round(parts / whole, 2),
                },
            )
        await connection.close()
    finally:
        await drop(nodes, NAME)
    report.write()


async def _filled(address: URL, orders: int) -> Any:  # noqa: ANN401 - asyncpg has no types
    url = address.render_as_string(hide_password=False)
    database = Database.open(url)
    await schema_version.upgrade(database)
    await database.close()
    await fill.fill(url, orders)
    connection = await connect(address)
    await connection.execute("CREATE TABLE whole (LIKE service_order)")
    await connection.execute(
        "CREATE TABLE parts (LIKE service_order) PARTITION BY HASH (merchant_id)"
    )
    for number in range(PARTITIONS):
        await connection.execute(
            f"CREATE TABLE parts_{number} PARTITION OF parts"
            f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
        )
    definitions = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'service_order'"
    )
    for table in _TABLES:
        copy = f"INSERT INTO {table} SELECT * FROM service_order"  # noqa: S608 - our own names
        await connection.execute(copy, timeout=None)
        for name, definition in definitions:
            statement = definition.replace(name, f"{table}_{name}").replace(
                "public.service_order ", f"public.{table} "
            )
            await connection.execute(statement, timeout=None)
        await connection.execute(f"VACUUM ANALYZE {table}", timeout=None)
    return connection


async def _measure(connection: Any, rounds: int) -> dict[str, dict[str, float]]:  # noqa: ANN401
    orders = await connection.fetch("SELECT merchant_id, id FROM whole TABLESAMPLE SYSTEM (5)")
    spent: dict[str, dict[str, float]] = {}
    for work, text in _STATEMENTS.items():
        prepared = {table: await connection.prepare(text.format(table=table)) for table in _TABLES}
        number = text.count("$")
        times: dict[str, list[float]] = {table: [] for table in _TABLES}
        for turn in range(-10, rounds):
            key = tuple(orders[turn % len(orders)])[:number]
            for table in _TABLES:
                started = time.perf_counter()
                await prepared[table].fetch(*key)
                if turn >= 0:
                    times[table].append((time.perf_counter() - started) * 1000)
        spent[work] = {table: statistics.median(values) for table, values in times.items()}
    vacuums = {"whole": "VACUUM whole", "parts": "VACUUM parts_0"}
    spent["a vacuum: of all, and of one partition"] = {}
    for table, statement in vacuums.items():
        started = time.perf_counter()
        await connection.execute(statement, timeout=None)
        elapsed = (time.perf_counter() - started) * 1000
        spent["a vacuum: of all, and of one partition"][table] = elapsed
    return spent


if __name__ == "__main__":
    asyncio.run(main())
