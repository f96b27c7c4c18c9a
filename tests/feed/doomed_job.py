"""A process whose jobs are killed: see test_interrupted_sequencers.py, and of the figures.

It reads a number on each line, and begins a round of the job that is killed at this statement,
commits included. It writes "killed", or "done" if the round had fewer statements.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from database.database import Database
from database.driver_connection import LISTENERS
from jobs.quality.derive import derive
from jobs.sequencer import sequence
from models.clock import WallClock


async def place(database: Database) -> None:
    await sequence(database, WallClock().now())


async def count_cases(database: Database) -> None:
    await derive(database)


JOBS = {"place": place, "derive": count_cases}


async def begin(job: str, url: str, doom: int) -> None:
    """Run a round of the job, and be killed before the statement of that number."""
    statements = 0

    def count(*_: Any) -> None:  # Any: each event has its own arguments
        nonlocal statements
        statements += 1
        if statements == doom:
            os.kill(os.getpid(), signal.SIGKILL)

    LISTENERS.append(count)
    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    database = Database.open(url)
    await JOBS[job](database)
    await database.close()


def main(job: str, url: str) -> None:
    for line in sys.stdin:
        child = os.fork()  # a new process would take a second to import everything
        if not child:
            asyncio.run(begin(job, url, int(line)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status in {0, signal.SIGKILL}
        sys.stdout.write("killed\n" if status else "done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
