"""What one review costs when nobody else asks: one connection, one request after the other.

    python -m bench.alone [--peers ours,floor] [--rounds 5] [--reviews 1000] [--beside FOLDER]
        [--python EXECUTABLE]

Prints the processor time of the server and of PostgreSQL for each review, and the median latency.
The peers take turns on the same database, so that disturbances of the machine affect all alike.
``--beside`` adds the server of another checkout, to see what a change gains; ``--python`` adds this
one on another interpreter that has its packages, to see what the interpreter's build costs.
"""

import argparse
import asyncio
import shutil
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import database
from bench.race import machine
from bench.race.__main__ import OTHER_CORES, SERVER_CORES
from bench.race.peers import PEERS, Peer
from bench.race.questions import Asking, Questions
from bench.race.reviews import Reviews
from bench.race.servers import Running, started
from bench.race.works import WORKS, Work

ORDERS: Final = 100_000
HERE: Final = Path(__file__).parents[1]
WARM_UP: Final = 500
"""Reviews of each peer before anything is measured: statements are planned, code is specialised."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One peer's turn, in microseconds for each request."""

    server: float
    database: float
    latency: float

    @property
    def both(self) -> float:
        return self.server + self.database


@dataclass(frozen=True)
class Checkout(Peer):
    """The server of a checkout, on the packages of an interpreter."""

    folder: str = ""
    python: str = sys.executable

    def command(self, port: int, workers: int) -> Sequence[str]:
        start = "from cli import main; main()"
        serve = [self.python, "-c", start, "serve", "--port", str(port)]
        return ["env", "-C", self.folder, *serve, "--workers", str(workers)]


class Connection:
    """One connection that is kept, for complete HTTP requests."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """The body of the answer."""
        self._socket.sendall(request)
        received = self._socket.recv(65536)
        while b"\r\n\r\n" not in received:
            received += self._socket.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        _, found, length = head.lower().partition(b"content-length:")
        while len(body) < int(length.split()[0]) if found else not body.endswith(b"0\r\n\r\n"):
            body += self._socket.recv(65536)
        return body

    def close(self) -> None:
        self._socket.close()


def turn(server: Running, requests: Sequence[bytes], postgresql: int) -> Turn:
    """Send the requests one after the other. Raises ValueError for an answer that is no review."""
    connection = Connection(server.port)
    connection.ask(requests[0])  # a new connection costs more
    before = machine.run_times(server.pid), machine.run_times(postgresql)
    latencies, last = [], b""
    for request in requests[1:]:
        start = time.perf_counter_ns()
        last = connection.ask(request)
        latencies.append(time.perf_counter_ns() - start)
    after = machine.run_times(server.pid), machine.run_times(postgresql)
    connection.close()
    if b'"refusals":[]' not in last.replace(b" ", b""):
        raise ValueError(last.decode())
    server_s, database_s = (machine.between(*pair) for pair in zip(before, after, strict=True))
    count = len(latencies)
    return Turn(server_s / count * 1e6, database_s / count * 1e6, median(latencies) / 1e3)


async def main(arguments: argparse.Namespace) -> None:
    peers = [PEERS[name] for name in arguments.peers.split(",")]
    ours = partial(Checkout, title="", runs="", dialect="ours", settings=PEERS["ours"].settings)
    if arguments.beside:
        peers.append(ours(name="beside", folder=arguments.beside))
    if arguments.python:
        peers.append(ours(name="python", folder=str(HERE), python=arguments.python))
    folder = Path(tempfile.mkdtemp(prefix="alone-"))
    try:
        with database.serving(cores=OTHER_CORES) as server:
            await server.copy(await server.filled(ORDERS), "alone")
            address = server.address("alone")
            questions = await Questions.draw(address)
            reviews = await Reviews.keep(address, questions.reviews)
            await server.run("VACUUM ANALYZE", name="alone")
            lock = server.sockets / f".s.PGSQL.{server.port}.lock"
            postgresql = int(lock.read_text().split()[0])
            machine.pin(postgresql, {int(OTHER_CORES)})
            connection = {
                "AFTERSALES_DATABASE_URL": server.url("alone"),
                "PGHOST": "127.0.0.1",
                "PGPORT": str(server.port),
                "PGUSER": "postgres",
                "PGDATABASE": "alone",
            }
            with started(peers, connection, SERVER_CORES, 1, folder) as running:
                await rounds(running, questions, reviews, postgresql, arguments)
            await server.drop("alone")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def rounds(
    running: Sequence[Running],
    questions: Questions,
    reviews: Reviews,
    postgresql: int,
    arguments: argparse.Namespace,
) -> None:
    work: Work = WORKS["review"]
    asking = {one.peer.name: Asking(one.peer, one.port, questions) for one in running}
    turns: dict[str, list[Turn]] = defaultdict(list)
    for number in range(-1, arguments.rounds):
        at = 0
        shift = number % len(running)
        for server in (*running[shift:], *running[:shift]):
            requests = asking[server.peer.name].requests(work)
            count = arguments.reviews if number >= 0 else WARM_UP
            taken = turn(server, requests[at : at + count], postgresql)
            at += count
            if number >= 0:
                turns[server.peer.name].append(taken)
        await reviews.restore()
    report(turns)


def report(turns: dict[str, list[Turn]]) -> None:
    floor = turns.get("floor")
    print("| peer | µs server | µs PostgreSQL | µs in all | × floor | p50 µs |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, taken in turns.items():
        ratios = [one.both / least.both for one, least in zip(taken, floor or taken, strict=True)]
        figures: list[Any] = [
            median(one.server for one in taken),
            median(one.database for one in taken),
            median(one.both for one in taken),
        ]
        shown = " | ".join(f"{figure:,.0f}" for figure in figures)
        ratio = f"{median(ratios):.2f}" if floor else "-"
        print(f"| {name} | {shown} | {ratio} | {median(one.latency for one in taken):,.0f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.alone", description=__doc__)
    parser.add_argument("--peers", default="ours,floor")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reviews", type=int, default=1000)
    parser.add_argument("--beside", default="")
    parser.add_argument("--python", default="")
    asyncio.run(main(parser.parse_args()))
