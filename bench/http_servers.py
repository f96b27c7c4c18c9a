"""Granian beside uvicorn, with the same application: `make bench-http`.

A race of two, with the rounds, the processor times and the comparison of answers of the other one.
Granian has neither the bounds on reading of transport/protocol.py nor its register of connections.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench import database
from bench.race.__main__ import main, settings
from bench.race.peers import PEERS, Peer
from bench.race.results import Results

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = database.CACHE / "granian"
"""Where `make bench-http` installs granian: it is no package of the server's own environment."""
NAME: Final = "granian"
OURS: Final = "ours"
WORKS: Final = "queue,nested,order,review"


@dataclass(frozen=True, slots=True)
class GranianPeer(Peer):
    """This server's application, on granian."""

    def command(self, port: int, workers: int) -> Sequence[str]:
        return [
            *(sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "uvloop"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)),
            *("--no-ws", "--backlog", "2048", "--log-level", "warning"),
            *("--factory", "bench.granian_app:app"),
        ]


def run() -> None:
    """Race the two. The options are those of the race. Raises what the race raises."""
    ours = PEERS[OURS]
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(PACKAGES)])}
    granian = GranianPeer(
        name=NAME,
        title="aftersales on granian",
        runs="",
        dialect=ours.dialect,
        settings={**ours.settings, **path},
    )
    # Only in this process: the other race has no second server of ours.
    PEERS[NAME] = granian
    chosen = replace(settings(), peers=[OURS, NAME])
    asyncio.run(main(chosen))
    print(verdict(Results.read(database.CACHE / "race.json")))


def verdict(results: Results) -> str:
    """How granian's throughput stands to uvicorn's, for each work and load."""
    lines = ["Requests per second, granian beside uvicorn:"]
    for work in results.works():
        for load in results.loads(work):
            at = results.at(load)
            ratio = at.ratio(NAME, OURS, work, lambda row: row.per_second)
            cost = at.ratio(NAME, OURS, work, lambda row: row.us)
            if ratio is not None and cost is not None:
                lines.append(
                    f"{work}, {load} connections: {ratio:.2f} ×, processor time {cost:.2f} ×"
                )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.argv += [] if any(word.startswith("--work") for word in sys.argv) else ["--work", WORKS]
    run()
