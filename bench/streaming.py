"""What subscribers cost a process, and how soon an event reaches them.

    python -m bench.streaming [--idle 2000] [--readers 500] [--rounds 10]

The idle subscribers are different people, so that each viewer is read again once a second.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import orjson
import sqlalchemy as sa
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.database import serving
from bench.results import Report, percentile
from bench.reviewing import serving as serving_desk
from bench.shops import MERCHANTS, Shop, token_of
from database.database import Database
from domain.actors import Actor
from models.service_order import service_orders
from schema import ids

ORDERS: Final = 10_000
MOST_MB: Final = 100
SLOWER: Final = 1.1
"""Above this ratio the latency of queries counts as changed."""
WITHIN_S: Final = 1.0
QUERIES: Final = 400
_CONNECTING: Final = 50
"""How many connections are opened at the same time."""
_SETTINGS: Final = {
    "AFTERSALES_CLOCK": "true",
    "AFTERSALES_CONNECTIONS": "8192",
    "AFTERSALES_CONNECTIONS_PER_ADDRESS": "0",
    "AFTERSALES_STREAMS_PER_VIEWER": "4096",
}
_SUBSCRIBE: Final = """subscription { events { cursor event { kind at actor { name } }
  serviceOrder { id number status item { name } clock { dueAt remaining } } } }"""
_NOTE: Final = "mutation($input: AddNoteInput!) { addNote(input: $input) { refusals { code } } }"
_PAGE: Final = """{ serviceOrders(first: 20) { nodes { id number status item { name }
  clock { dueAt remaining } timeline(last: 3) { kind at } } } }"""


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=2_000)
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    report = Report("streaming", "Subscriptions")
    with serving() as server:
        report.servers = {"PostgreSQL": server.version}
        url = await server.copy(await server.filled(ORDERS), "streaming")
        with serving_desk(url, **_SETTINGS) as address:
            await _idle(report, address, arguments.idle)
            await _reach(report, address, url, arguments.readers, arguments.rounds)
        await server.drop("streaming")
    report.write()


async def _idle(report: Report, address: str, count: int) -> None:
    people = [person for number in range(1, MERCHANTS + 1) for person in Shop(number).employees]
    await _queries(address)  # the first ones prepare statements
    before_mb, before = _memory(), await _queries(address)
    processor = _processor()
    async with _subscribed(address, (people * (count // len(people) + 1))[:count]):
        opened = _processor() - processor
        processor, began = _processor(), time.perf_counter()
        await asyncio.sleep(10)
        share = (_processor() - processor) / (time.perf_counter() - began)
        during_mb, during = _memory(), await _queries(address)
    await asyncio.sleep(2)
    after = await _queries(address)
    alone = statistics.mean((before, after))
    report.add(
        "Idle subscribers",
        subscribers=count,
        **{
            "MB": round(during_mb - before_mb, 1),
            "processor, ms each, to open": round(opened * 1000 / count, 2),
            "processor, idle": f"{share:.1%}",
            "query p50 ms without": round(alone, 2),
            "query p50 ms with": round(during, 2),
            "ratio": round(during / alone, 2),
        },
    )
    report.demand(
        f"{count:,} idle subscribers within {MOST_MB} MB", met=during_mb - before_mb < MOST_MB
    )
    report.demand("no measurable latency of queries", met=during / alone < SLOWER)


async def _reach(report: Report, address: str, url: str, count: int, rounds: int) -> None:
    shop = Shop(1)
    orders = await _some(url, shop.id, rounds + 1)
    people = (list(shop.employees) * (count // len(shop.employees) + 1))[:count]
    seconds = []
    async with _subscribed(address, people) as connections, httpx2.AsyncClient() as http:
        for order in orders:
            arrivals = [asyncio.create_task(_next(connection)) for connection in connections]
            sent = time.perf_counter()
            await _note(http, address, shop, order)
            answered = time.perf_counter()
            times = [await arrival - sent for arrival in arrivals]
            seconds.append((percentile(times, 0.5), max(times), answered - sent))
    del seconds[0]  # the first one prepares statements
    report.add(
        "An event to its subscribers",
        subscribers=count,
        events=len(seconds),
        **{
            "step ms": round(statistics.median(row[2] for row in seconds) * 1000),
            "half of them ms": round(statistics.median(row[0] for row in seconds) * 1000),
            "all of them ms": round(statistics.median(row[1] for row in seconds) * 1000),
            "slowest ms": round(max(row[1] for row in seconds) * 1000),
        },
    )
    report.demand(
        f"an event reaches {count} subscribers within {WITHIN_S:.0f} s",
        met=statistics.median(row[1] for row in seconds) <= WITHIN_S,
    )


@asynccontextmanager
async def _subscribed(
    address: str, people: Sequence[Actor]
) -> AsyncIterator[list[ClientConnection]]:
    limit = asyncio.Semaphore(_CONNECTING)
    async with AsyncExitStack() as stack:

        async def subscribed(person: Actor) -> ClientConnection:
            async with limit:
                connection = await connect(
                    f"{address.replace('http', 'ws', 1)}/graphql",
                    subprotocols=[Subprotocol("graphql-transport-ws")],
                    compression=None,
                    ping_interval=None,
                    proxy=None,
                )
                stack.push_async_callback(connection.close)
                authorization = {"authorization": f"Bearer {token_of(person)}"}
                await _send(connection, {"type": "connection_init", "payload": authorization})
                await connection.recv()
                payload = {"query": _SUBSCRIBE}
                await _send(connection, {"id": "1", "type": "subscribe", "payload": payload})
                return connection

        connections = await asyncio.gather(*map(subscribed, people))
        await asyncio.sleep(2)  # until the last of them is subscribed
        yield connections


async def _send(connection: ClientConnection, message: dict[str, Any]) -> None:
    await connection.send(orjson.dumps(message).decode())


async def _next(connection: ClientConnection) -> float:
    """The time at which the next event arrives."""
    message = orjson.loads(await connection.recv())
    if message["type"] != "next":
        raise AssertionError(message)
    return time.perf_counter()


async def _note(http: httpx2.AsyncClient, address: str, shop: Shop, order: int) -> None:
    """A step that any order allows, whatever the clock has done to it."""
    variables = {"input": {"id": ids.encode("ServiceOrder", shop.id, order), "text": "已联系客户"}}
    await _post(http, address, token_of(shop.owner), _NOTE, variables)


async def _queries(address: str) -> float:
    """The median of the milliseconds of a page of orders."""
    token, durations = token_of(Shop(1).reviewers[0]), []
    async with httpx2.AsyncClient() as http:
        for _ in range(QUERIES):
            began = time.perf_counter()
            await _post(http, address, token, _PAGE, {})
            durations.append((time.perf_counter() - began) * 1000)
    return statistics.median(durations)


async def _post(
    http: httpx2.AsyncClient, address: str, token: str, query: str, variables: dict[str, Any]
) -> None:
    answer = await http.post(
        f"{address}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {token}"},
    )
    if "errors" in answer.json():
        raise AssertionError(answer.text[:300])


async def _some(url: str, merchant: int, count: int) -> list[int]:
    """Orders of a merchant."""
    database = Database.open(url)
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(service_orders.c.id)
            .where(service_orders.c.merchant_id == merchant)
            .order_by(service_orders.c.id)
            .limit(count)
        )
        found = list(rows.scalars())
    await database.close()
    return found


def _server() -> int:
    """The process id of the server, which is this process's only child with that name."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        command = (stat.parent / "cmdline").read_text()
        if int(fields[1]) == os.getpid() and "aftersales" in command:
            return int(stat.parent.name)
    raise AssertionError("the server does not run")


def _memory() -> float:
    """The server's memory in MB."""
    pages = int(Path(f"/proc/{_server()}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _processor() -> float:
    """The seconds of processor time that the server has used."""
    fields = Path(f"/proc/{_server()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if not Path("/proc").exists():
        sys.exit("This bench reads /proc.")
    asyncio.run(main())
