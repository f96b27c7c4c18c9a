"""A copy of an SQLite database without its write-ahead log is found, and no other database is."""

import asyncio
import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from database.availability import Unreachable
from database.commit_mark import MarkFile
from database.database import Database
from database.outages import Outage
from jobs.mark_commits import keep_marking
from tests.backups.desk import Desk, new_desk
from tests.serving.process import eventually

pytestmark = pytest.mark.anyio

MERCHANT = (
    "INSERT INTO merchant (id, name, enrolment, created_at)"
    " VALUES (:id, '京北数码', 'NOT_ENROLLED', '2026-11-22 12:00:00')"
)
LATEST = "the database lacks changes that were made until then"
UNKNOWN = "the database was copied while it was in use, and its mark file is missing"


async def change(database: Database, number: int) -> None:
    async with database.write() as connection:
        await connection.execute(sa.text(MERCHANT), {"id": number})


async def lost(desk: Desk) -> str:
    """What the doctor says about lost commits."""
    result = await asyncio.to_thread(desk.run, "doctor")
    return "".join(line for line in result.stdout.splitlines() if "COMMITS_LOST" in line)


def copy_of(desk: Desk, folder: Path, *endings: str) -> Desk:
    folder.mkdir(mode=0o700)
    for ending in ("", *endings):
        shutil.copyfile(f"{desk.file}{ending}", folder / f"{desk.file.name}{ending}")
    return Desk(folder)


async def test_a_copy_without_its_write_ahead_log_is_found_with_and_without_its_mark_file(
    tmp_path: Path, empty: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = new_desk(empty, tmp_path / "desk")
    async with desk.marked() as (database, marker):
        await change(database, 7)
        await marker.mark()
        whole = copy_of(desk, tmp_path / "whole", "-wal", "-mark")
        beside = copy_of(desk, tmp_path / "beside", "-mark")
        lone = copy_of(desk, tmp_path / "lone")
        assert await lost(desk) == "", "a database in use lacks nothing"
        await marker.end()
    stopped = copy_of(desk, tmp_path / "stopped")
    assert (await lost(whole), await lost(stopped)) == ("", "")
    assert (whole.count("merchant"), stopped.count("merchant")) == (1, 1)
    assert (beside.count("merchant"), lone.count("merchant")) == (0, 0)
    assert LATEST in await lost(beside)
    assert UNKNOWN in await lost(lone)

    for copy, words in ((beside, LATEST), (lone, UNKNOWN)):
        with caplog.at_level(logging.ERROR):
            async with copy.marked() as (database, marker):
                await change(database, 8)
                await marker.mark()
        assert f"COMMITS_LOST: {copy.file}: {words}" in caplog.text, (
            "the log of a server that starts says it"
        )
        assert words in await lost(copy), "and it is found until it is accepted"
        backup = await asyncio.to_thread(copy.run, "backup", copy.folder / "backup")
        assert (backup.exit_code, words in backup.stdout) == (1, True), "no backup hides it"
        accepted = await asyncio.to_thread(copy.run, "doctor", "--accept-lost-commits")
        assert accepted.exit_code == 0
        assert await lost(copy) == ""


async def test_a_database_whose_servers_were_killed_lacks_nothing(
    tmp_path: Path, empty: Path
) -> None:
    desk = new_desk(empty, tmp_path / "desk")
    async with desk.marked() as (database, marker):
        await change(database, 7)
        await marker.mark()
        await change(database, 8)  # not marked yet
        killed = copy_of(desk, tmp_path / "killed", "-wal", "-mark")
    assert await lost(killed) == ""
    async with killed.marked() as (_, marker):
        await marker.mark()
    assert (await lost(killed), killed.count("merchant")) == ("", 2)


async def test_another_database_in_its_place_is_not_measured_by_the_mark_file(
    tmp_path: Path, empty: Path
) -> None:
    desk = new_desk(empty, tmp_path / "desk")
    other = new_desk(empty, tmp_path / "other")
    async with desk.marked() as (database, marker):
        await change(database, 7)
        await marker.mark()
        await marker.end()
    shutil.copyfile(other.file, desk.file)
    assert await lost(desk) == ""
    async with desk.marked():
        pass
    assert await lost(desk) == ""


async def test_several_processes_mark_one_database_and_write_nothing_when_nothing_changes(
    tmp_path: Path, empty: Path
) -> None:
    desk = new_desk(empty, tmp_path / "desk")

    def mark() -> int:
        file = MarkFile.read(desk.file)
        assert file is not None
        with closing(sqlite3.connect(desk.file)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (file.mark,)
        return file.mark

    async with desk.marked() as (database, marker), desk.marked() as (_, other):
        before = mark()
        for _ in range(3):
            await marker.mark()
            await other.mark()
        assert mark() == before
        await change(database, 7)
        await other.mark()
        assert mark() == before, "each process marks its own changes"
        await marker.mark()
        assert mark() == before + 2
        await other.end()
        assert mark() % 2 == 0
        await marker.mark()
        assert mark() % 2 == 1, "the process that goes on marks the database as in use again"


async def test_a_mark_file_that_cannot_be_written_stops_nothing(
    tmp_path: Path, empty: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = new_desk(empty, tmp_path / "desk")
    blocked = MarkFile.beside(desk.file)
    blocked.mkdir()
    async with desk.marked() as (database, marker):
        for number in (7, 8):
            await change(database, number)
            await marker.mark()
        assert caplog.text.count("cannot write") == 1
        blocked.rmdir()
        await marker.mark()
    assert await lost(desk) == ""


async def test_a_database_that_cannot_be_written_is_left_alone(tmp_path: Path, empty: Path) -> None:
    desk = new_desk(empty, tmp_path / "desk")
    async with desk.marked() as (database, marker):
        database.availability.record_failure(Unreachable(outage=Outage.DISK_FULL), writes=True)
        database.availability._failed_at = 0.0
        await marker.mark()
        assert database.availability.outage == Outage.DISK_FULL, "nothing was written"


async def test_a_server_that_stops_marks_the_database_as_stopped(
    tmp_path: Path, empty: Path
) -> None:
    desk, stop = new_desk(empty, tmp_path / "desk"), asyncio.Event()
    database = Database.open(desk.url)
    marking = asyncio.create_task(keep_marking(database, desk.file, stop))
    await eventually(lambda: MarkFile.read(desk.file) is not None)
    stop.set()
    await marking
    await database.close()
    file = MarkFile.read(desk.file)
    assert file is not None
    assert file.mark % 2 == 0
