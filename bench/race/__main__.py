"""Runs the race: starts all peers, compares their answers, loads them in turn, prints the tables.

The server runs on the first core, PostgreSQL and the load on the second. In the works of the layout
`whole`, all of them use both cores.
"""

import argparse
import asyncio
import dataclasses
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import database
from bench.performance import refresh
from bench.race import go
from bench.race.answers import Differs
from bench.race.machine import pin
from bench.race.peers import HOME, PEERS, POOL, Peer
from bench.race.peers import versions as peers_versions
from bench.race.picture import picture
from bench.race.questions import Questions, TooFew
from bench.race.report import report
from bench.race.results import Results, Row
from bench.race.reviews import Reviews
from bench.race.rounds import Race, Turn
from bench.race.servers import NotUp, started
from bench.race.works import LOADS, MIDDLE, WORKS, Layout
from bench.results import FOLDER, machine, versions

SERVER_CORES: Final = "0"
OTHER_CORES: Final = "1"
BOTH_CORES: Final = "0,1"
ROUNDS: Final = 5
ORDERS: Final = 1_000_000
WORKERS: Final = 2
"""Worker processes of each peer in the layout `whole`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of the command line."""

    rounds: int
    seconds: int
    orders: int
    file_orders: int
    peers: Sequence[str]
    works: Sequence[str]
    loads: Sequence[int]
    report: bool = False

    @property
    def is_full(self) -> bool:
        """Whether the race is complete enough for the docs."""
        needed = {name for name, peer in PEERS.items() if not peer.is_compiled}
        everything = set(self.peers) >= needed and set(self.works) == set(WORKS)
        enough = self.rounds >= ROUNDS and self.orders >= ORDERS
        return everything and enough and set(self.loads) >= set(LOADS)

    def chosen(self, layout: Layout) -> tuple[list[Peer], list[Turn]]:
        """The peers and the turns of a layout; none of either if one of them is empty."""
        works = [WORKS[name] for name in self.works if WORKS[name].layout == layout]
        turns = [(work, load) for work in works for load in self.loads_of(work.loads)]
        peers = [PEERS[name] for name in self.peers if layout in PEERS[name].layouts]
        return (peers, turns) if peers and turns else ([], [])

    def loads_of(self, own: Sequence[int]) -> Sequence[int]:
        """The chosen loads of a work: its ``own``, and unusual ones, which somebody asked for."""
        return [load for load in self.loads if load in own or load not in LOADS]


def settings() -> Settings:
    parser = argparse.ArgumentParser(prog="python -m bench.race", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--secs", type=int, default=3, help="how long each run takes")
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--sqlite-orders", type=int, default=100_000)
    parser.add_argument("--peers", default=",".join(PEERS), help="of: " + ", ".join(PEERS))
    parser.add_argument("--work", default=",".join(WORKS), help="of: " + ", ".join(WORKS))
    parser.add_argument(
        "--loads",
        help="numbers of connections, 1,8,32,256 for instance; 32 if there are fewer than 5 rounds",
    )
    parser.add_argument("--report", action="store_true", help="no race: print the last one again")
    arguments = parser.parse_args()
    peers, works = arguments.peers.split(","), arguments.work.split(",")
    if unknown := {*peers} - {*PEERS} | {*works} - {*WORKS}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    sizes = (arguments.rounds, arguments.secs, arguments.orders, arguments.sqlite_orders)
    usual = ",".join(map(str, LOADS if arguments.rounds >= ROUNDS else (MIDDLE,)))
    loads = sorted({int(load) for load in (arguments.loads or usual).split(",")})
    return Settings(*sizes, peers, works, loads, arguments.report)


async def main(chosen: Settings) -> None:
    if chosen.report:
        publish(Results.read(), FOLDER)
        refresh()
        return
    results = Results()
    chosen = with_what_builds(chosen, results)
    folder = Path(tempfile.mkdtemp(prefix="race-"))
    try:
        await on_postgresql(chosen, folder, results)
        await on_sqlite(chosen, folder, results)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    finish(results, chosen)


def with_what_builds(chosen: Settings, results: Results) -> Settings:
    """The settings without the peers that cannot be built here, which the results name."""
    compiled = [name for name in chosen.peers if PEERS[name].is_compiled]
    if not compiled:
        return chosen
    try:
        go.build()
    except go.NotBuilt as error:
        print(f"{', '.join(compiled)}: not raced, {error}", flush=True)
        results.ran_on["not raced"] = f"{', '.join(compiled)}: {error}"
        peers = [name for name in chosen.peers if name not in compiled]
        return dataclasses.replace(chosen, peers=peers)
    return chosen


async def on_postgresql(chosen: Settings, folder: Path, results: Results) -> None:
    with database.serving(cores=OTHER_CORES) as server:
        results.ran_on["when"] = f"{datetime.now(UTC):%Y-%m-%d}"
        results.ran_on["where"] = machine()
        results.ran_on["versions"] = ", ".join(
            f"{name} {version}" for name, version in versions().items()
        )
        results.ran_on["peers"] = peers_versions()
        results.ran_on["PostgreSQL"] = f"{server.version}, {chosen.orders:,} orders"
        results.ran_on["load"] = (
            f"wrk, {', '.join(map(str, chosen.loads))} connections, {chosen.rounds} rounds of"
            f" {chosen.seconds} s or more each; pools of {POOL}"
        )
        peers, _ = chosen.chosen("pinned")
        whole_peers, _ = chosen.chosen("whole")
        if not peers and not whole_peers:
            return
        name = await server.filled(chosen.orders)
        await server.copy(name, "race")
        await server.run((HOME / "postgraphile.sql").read_text("utf-8"), name="race")
        questions = await Questions.draw(server.address("race"))
        reviews = await Reviews.keep(server.address("race"), questions.reviews)
        await server.run("VACUUM ANALYZE", name="race")
        lock = server.sockets / f".s.PGSQL.{server.port}.lock"
        postgresql = int(lock.read_text().split()[0])
        connection = {
            "AFTERSALES_DATABASE_URL": server.url("race"),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGUSER": "postgres",
            "PGDATABASE": "race",
        }
        layouts: list[tuple[Layout, str, str, int]] = [
            ("pinned", SERVER_CORES, OTHER_CORES, 1),
            ("whole", BOTH_CORES, BOTH_CORES, WORKERS),
        ]
        for layout, cores, others, workers in layouts:
            peers, turns = chosen.chosen(layout)
            if peers:
                pin(postgresql, {int(core) for core in others.split(",")})
                with started(peers, connection, cores, workers, folder) as running:
                    race = Race(running, questions, reviews, postgresql)
                    await run_rounds(race, turns, chosen, others, results)
        await server.drop("race")


async def on_sqlite(chosen: Settings, folder: Path, results: Results) -> None:
    peers, turns = chosen.chosen("sqlite")
    if not peers:
        return
    file = folder / "race.db"
    shutil.copyfile(await database.filled_file(chosen.file_orders), file)
    results.ran_on["SQLite"] = f"{chosen.file_orders:,} orders"
    connection = {"AFTERSALES_DATABASE_URL": f"sqlite:///{file}", "DATABASE_FILE": str(file)}
    with started(peers, connection, SERVER_CORES, 1, folder) as running:
        race = Race(running, Questions.of_file(file), None, None)
        await run_rounds(race, turns, chosen, OTHER_CORES, results)


async def run_rounds(
    race: Race, turns: Sequence[Turn], chosen: Settings, cores: str, results: Results
) -> None:
    print("comparing the answers ...", flush=True)
    compared = await race.verify(list(dict.fromkeys(work for work, _ in turns)))
    results.verified += compared
    print(f"{compared} answers compared, all equal", flush=True)
    for number in range(chosen.rounds):
        async for row in race.round(number, turns, chosen.seconds, cores):
            results.rows.append(row)
            print(line(row), flush=True)


def line(row: Row) -> str:
    return (
        f"{row.round + 1} {row.work:13} {row.connections:3} {row.peer:17} {row.per_second:8,.0f} /s"
        f"  p50 {row.p50:7.1f}  p99 {row.p99:7.1f} ms"
        f"  server {row.server_us:7,.0f}  database {row.database_us:6,.0f} µs"
        f"  {row.memory_mb:4.0f} MB  errors {row.errors}"
    )


def finish(results: Results, chosen: Settings) -> None:
    """Print and store the tables: those of a full race in the docs, others in the cache."""
    home = FOLDER if chosen.is_full else database.CACHE
    results.write(home / "race.json")
    results = Results.read(home / "race.json")  # rounded: the tables show the stored numbers
    publish(results, home)
    if chosen.is_full:
        refresh()


def publish(results: Results, home: Path) -> None:
    text = report(results)
    (home / "race.md").write_text(text, "utf-8")
    (home / "race.svg").write_text(picture(results), "utf-8")
    print(f"\n{text}\nStored in bench/{home.name}/ as race.json, race.md and race.svg.")


if __name__ == "__main__":
    try:
        asyncio.run(main(settings()))
    except (Differs, NotUp, TooFew, database.Taken) as error:
        sys.exit(str(error))
