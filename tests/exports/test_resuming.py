"""An export is completed whatever happens to the processes that run it, and by one of them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from database.availability import Unreachable
from database.database import Database
from domain.exports import MAX_ATTEMPTS
from jobs.exports.exporting import LEASE
from jobs.exports.run import claim, run_export
from jobs.exports.scratch import clear
from tests.client import Client
from tests.conftest import StoppedClock
from tests.exports.running import (
    ask,
    download,
    rows_of,
    run_all,
    run_and_stop,
    see,
    stored,
)
from tests.given import World

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
CONTACT = ("NUMBER", "CONTACT_PHONE")


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.exports.exporter", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("where", ["page", "store"])
async def test_an_export_whose_process_is_killed_is_completed_by_another(
    client: Client,
    given: World,
    clock: StoppedClock,
    database_url: str,
    tmp_path: Path,
    where: str,
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, items=3)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, *CONTACT)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "pictures").mkdir(exist_ok=True)
    arguments = [database_url, tmp_path / "pictures", scratch, clock.now().isoformat(), where]
    process = start(*map(str, arguments))
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            assert await asyncio.to_thread(process.stdout.readline) == "waiting\n"
        written = 1 if where == "page" else 3
        running = await see(owner, export)
        assert (running["status"], running["url"]) == ("RUNNING", None)
        versions = [(await given.row(order)).version for order in orders]
        assert versions == [2] * written + [1] * (3 - written)
    finally:
        process.kill()
        process.communicate()
    assert stored(tmp_path) == []
    assert await run_all(given.parts) == 0  # the lease of the killed process has not ended
    clock.pass_(LEASE)
    assert await run_all(given.parts) == 1
    done = await see(owner, export)
    assert (done["status"], done["rowsWritten"]) == ("DONE", 3)
    assert rows_of(await download(owner, done["url"]))[1:] == [
        [str(order.key), "13812345678"] for order in orders
    ]
    assert len(stored(tmp_path)) == 1
    assert [(await given.row(order)).version for order in orders] == [2, 2, 2]
    check_scratch(scratch)


def check_scratch(scratch: Path) -> None:
    """The folder that the killed process left is deleted once it is a minute old."""
    [folder] = scratch.iterdir()
    assert clear(scratch) == 0
    os.utime(folder, (0, 0))
    assert clear(scratch) == 1
    assert list(scratch.iterdir()) == []


async def test_a_process_that_ends_lets_another_begin_at_once(client: Client, given: World) -> None:
    shop = await given.merchant()
    await given.application(shop, items=2)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, *CONTACT)
    await run_and_stop(given.parts, reveal_page=1)
    assert (await see(owner, export))["status"] == "QUEUED"
    assert await run_all(given.parts) == 1
    assert (await see(owner, export))["status"] == "DONE"


async def test_an_export_that_waits_is_cancelled(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)
    payload = await owner.do("cancelExport", "export { status finishedAt }", id=export["id"])
    assert payload["export"] == {"status": "CANCELLED", "finishedAt": given.now.isoformat()}
    assert await run_all(given.parts) == 0
    refusal = await owner.refused("cancelExport", id=export["id"])
    assert (refusal["code"], refusal["exportStatus"]) == ("EXPORT_OVER", "CANCELLED")


class Interrupted:
    """A database that lets something happen before a reading transaction."""

    def __init__(self, database: Database, reads: int, happens: Callable[[], Any]) -> None:
        self._database = database
        self._reads = reads
        self._happens = happens
        self.write = database.write

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Any]:
        self._reads -= 1
        if self._reads == 0:
            await self._happens()
        async with self._database.read() as connection:
            yield connection


async def run_interrupted(given: World, reads: int, happens: Callable[[], Any]) -> None:
    """Run an export in pages of one order; each reads once."""
    row = await claim(given.parts.exporting)
    assert row is not None
    database: Any = Interrupted(given.parts.database, reads, happens)
    exporting = replace(
        given.parts.exporting, database=database, page=1, retry=timedelta(milliseconds=1)
    )
    await run_export(exporting, row, asyncio.Event())


async def test_an_export_that_runs_stops_at_the_page_at_which_it_is_cancelled(
    client: Client, given: World, tmp_path: Path
) -> None:
    shop = await given.merchant()
    await given.application(shop, items=3)
    owner = client.as_(shop.owner.token)
    export = await ask(owner)

    async def cancel() -> None:
        assert (await see(owner, export))["rowsWritten"] == 1
        assert await owner.codes("cancelExport", id=export["id"]) == []

    await run_interrupted(given, 2, cancel)
    cancelled = await see(owner, export)
    assert (cancelled["status"], cancelled["rowsWritten"]) == ("CANCELLED", 1)
    assert stored(tmp_path) == []


async def test_an_attempt_that_was_taken_for_dead_changes_nothing_any_more(
    client: Client, given: World, clock: StoppedClock, tmp_path: Path
) -> None:
    """It was silent for longer than its lease, and wakes up when another has completed it."""
    shop = await given.merchant()
    await given.application(shop, items=2)
    owner = client.as_(shop.owner.token)
    export = await ask(owner)

    async def complete() -> None:
        clock.pass_(LEASE)
        assert await run_all(given.parts) == 1

    await run_interrupted(given, 2, complete)
    assert (await see(owner, export))["status"] == "DONE"
    assert [file.name.rpartition("-")[2] for file in stored(tmp_path)] == ["2.csv"]


async def test_the_lease_of_an_export_that_runs_is_renewed(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    await given.application(shop, items=3)
    owner = client.as_(shop.owner.token)
    export = await ask(owner)

    async def look() -> None:
        assert await run_all(given.parts) == 0

    clock.pass_(LEASE)
    await run_interrupted(given, 3, look)
    assert (await see(owner, export))["status"] == "DONE"


async def test_an_export_waits_while_the_database_is_away(client: Client, given: World) -> None:
    shop = await given.merchant()
    await given.application(shop, items=2)
    owner = client.as_(shop.owner.token)
    export = await ask(owner)

    async def fail() -> None:
        raise Unreachable("away")

    await run_interrupted(given, 2, fail)
    done = await see(owner, export)
    assert (done["status"], done["rowsWritten"]) == ("DONE", 2)


async def test_an_export_waits_while_the_store_is_away(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)
    files, tries = given.parts.export_files, 0

    class Files:
        async def put(self, merchant_id: int, name: str, file: Path) -> None:
            nonlocal tries
            tries += 1
            if tries < 3:
                raise Unreachable("away")
            await files.put(merchant_id, name, file)

        delete = files.delete

    await run_all(given.parts, files=Files(), retry=timedelta(milliseconds=1))
    done = await see(owner, export)
    assert (tries, done["status"]) == (3, "DONE")
    assert await download(owner, done["url"])


async def test_an_export_is_cancelled_while_the_store_is_away(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)

    class Away:
        async def put(self, *_: object) -> None:
            await owner.do("cancelExport", id=export["id"])
            raise Unreachable("away")

        delete = put

    await run_all(given.parts, files=Away(), retry=timedelta(milliseconds=1))
    assert (await see(owner, export))["status"] == "CANCELLED"


async def test_a_bug_fails_the_export_and_says_so(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)

    class Broken:
        async def put(self, *_: object) -> None:
            raise ZeroDivisionError

        delete = put

    await run_all(given.parts, files=Broken())
    failed = await see(owner, export)
    assert (failed["status"], failed["error"]) == ("FAILED", "INTERNAL")


async def test_an_export_that_is_always_interrupted_is_given_up(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    export = await ask(owner)
    for _ in range(MAX_ATTEMPTS):
        assert await claim(given.parts.exporting) is not None
        assert (await see(owner, export))["status"] == "RUNNING"
        clock.pass_(LEASE)
    assert await claim(given.parts.exporting) is None
    failed = await see(owner, export)
    assert (failed["status"], failed["error"]) == ("FAILED", "INTERRUPTED")


async def test_of_processes_that_look_at_once_each_export_is_begun_by_one(
    client: Client, given: World, database_url: str
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    exports = [await ask(owner) for _ in range(3)]
    databases = [Database.open(database_url) for _ in range(4)]
    try:
        begun = await asyncio.gather(
            *(
                claim(replace(given.parts.exporting, database=database))
                for database in databases
                for _ in range(2)
            )
        )
        late = [await claim(given.parts.exporting) for _ in exports]
    finally:
        await asyncio.gather(*(database.close() for database in databases))
    rows = [row for row in [*begun, *late] if row is not None]
    assert len(rows) == len({row.id for row in rows}) == 3
    assert {row.attempt for row in rows} == {1}
