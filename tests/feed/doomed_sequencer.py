"""A process whose sequencers are killed: see test_interrupted_sequencers.py.

It reads a number on each line, and begins a sequencer that is killed at this statement, commits
included. It writes "killed", or "done" if the sequencer had fewer statements.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from database.database import Database
from database.driver_connection import LISTENERS
from jobs.sequencer import sequence
from models.clock import WallClock


async def place(url: str, doom: int) -> None:
    """Place events once, and be killed before the statement of that number."""
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
    await sequence(database, WallClock().now())
    await database.close()


def main(url: str) -> None:
    for line in sys.stdin:
        child = os.fork()  # a new process would take a second to import everything
        if not child:
            asyncio.run(place(url, int(line)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status in {0, signal.SIGKILL}
        sys.stdout.write("killed\n" if status else "done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
