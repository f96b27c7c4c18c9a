"""A process that runs an export, and waits to be killed in the middle: see test_resuming.py.

Its arguments are the address of the database, the folder of the store, the folder for files that
are not complete, the present time, and where to wait: after a ``page``, or in the ``store``.
"""

import asyncio
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import obstore.store

from auth.keys import Keys
from database.database import Database
from jobs.exports.run import claim, run_export
from parts import Parts
from resolvers.pictures import Pictures
from tests.conftest import StoppedClock
from tests.exports.running import CountingClock


def wait() -> NoReturn:
    sys.stdout.write("waiting\n")
    sys.stdout.flush()
    while True:
        time.sleep(60)


class Store:
    """A store in which the file is being written for ever."""

    async def put(self, *_: object) -> None:
        wait()

    async def delete(self, *_: object) -> None:
        wait()


async def export(url: str, folder: str, scratch: str, now: str, where: str) -> None:
    keys, clock = Keys(b"k" * 32), StoppedClock()
    clock.time = datetime.fromisoformat(now)
    store = obstore.store.LocalStore(folder)
    parts = Parts(Database.open(url), keys, Pictures(store, keys), clock)
    exporting = replace(parts.exporting, scratch=Path(scratch), page=1, reveal_page=1)
    row = await claim(exporting)
    assert row is not None
    if where == "page":
        exporting = replace(exporting, clock=CountingClock(clock.time, wait))
    else:
        exporting = replace(exporting, files=Store())
    await run_export(exporting, row, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(export(*sys.argv[1:]))
