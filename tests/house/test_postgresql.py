"""The PostgreSQL server of the tests survives other sessions, and is restarted after a crash."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from tests.databases import MOST_RETURNS, TOLD, Server
from tests.direct import connect
from tests.ports import free_port
from tests.postgresql import FLEETING, Gone, Postgresql, postgresql
from tests.reuse import MOST_ROWS, MOST_USES

pytestmark = pytest.mark.anyio

ANOTHER = "def test_it_has_a_folder(tmp_path):\n    assert tmp_path.exists()\n"

MARKS = "INSERT INTO write_mark SELECT n, 1, 1, now() FROM generate_series(1, {}) AS n"
"""Writes rows."""
SPOILED = {
    "a column": "ALTER TABLE account ADD COLUMN other int",
    "an index": "DROP INDEX ix_account_platform",
    "a trigger": "ALTER TABLE account DISABLE TRIGGER ALL",
    "a function": "CREATE FUNCTION other() RETURNS int LANGUAGE sql RETURN 1",
    "a right": "GRANT SELECT ON account TO PUBLIC",
    "a setting": "ALTER DATABASE {} SET enable_seqscan = off",
    "a limit": "ALTER DATABASE {} CONNECTION LIMIT 3",
    "statistics": "INSERT INTO write_mark VALUES (1, 1, 1, now()); ANALYZE write_mark",
    "rows": MARKS.format(MOST_ROWS + 1),
}
"""Statements after which a database is not used again."""


@pytest.fixture(scope="module")
def ours(anyio_backend: str) -> Iterator[Postgresql]:
    with postgresql(FLEETING) as server:
        yield server


def take_notes(before: int) -> list[str]:
    """The notes since then, removed so that the end of the session does not print them."""
    notes = TOLD[before:]
    del TOLD[before:]
    return notes


def kill(server: Postgresql) -> None:
    pid = int((server.folder / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)


async def test_a_session_of_pytest_that_starts_elsewhere_does_not_end_the_server(
    ours: Postgresql, tmp_path: Path
) -> None:
    """A session closes pytest's folder to other users; root runs the server as one of them."""
    server = await Server.open(ours.url, "of_two_sessions")
    (tmp_path / "test_another.py").write_text(ANOTHER)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_another.py"]
    await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, check=True, capture_output=True)
    url = await server.fresh(tmp_path)  # a copy of a database begins with a checkpoint
    await server.release(url)
    assert "PANIC" not in ours.last_words


async def test_a_database_that_a_test_changed_is_like_the_template_for_the_next_one(
    ours: Postgresql, tmp_path: Path
) -> None:
    server = await Server.open(ours.url, "of_many_uses")
    url = await server.fresh(tmp_path)
    left = await connect(make_url(url))
    await left.execute(MARKS.format(3))
    await left.execute("UPDATE platform_feed_head SET position = 7")
    await left.execute("BEGIN; LOCK TABLE write_mark")
    await server.release(url)
    assert await server.fresh(tmp_path) == url
    assert left.is_closed()
    for what, statement in SPOILED.items():
        session = await connect(make_url(url))
        assert await session.fetchval("SELECT count(*) FROM write_mark") == 0, what
        assert await session.fetchval("SELECT position FROM platform_feed_head") == 0, what
        await session.execute(statement.format(make_url(url).database))
        await session.close()
        await server.release(url)
        before, url = url, await server.fresh(tmp_path)
        assert url != before, what
    server._released._uses[make_url(url).database or ""] = MOST_USES
    await server.release(url)
    assert await server.fresh(tmp_path) != url
    await server.close()


async def test_a_server_that_went_away_is_brought_back_and_it_is_told_once(
    ours: Postgresql, tmp_path: Path
) -> None:
    server = await Server.open(ours.url, "brought_back", bring_back=ours.bring_back)
    lost = await server.fresh(tmp_path)
    kill(ours)
    before = len(TOLD)
    for _ in range(2):
        await server.release(await server.fresh(tmp_path))
    await server.release(lost)
    (line,) = take_notes(before)
    assert "went away" in line
    assert "database system is ready to accept connections" in line


async def test_a_server_that_keeps_going_away_ends_the_session(
    ours: Postgresql, tmp_path: Path
) -> None:
    server = await Server.open(ours.url, "going_away", bring_back=ours.bring_back)
    before = len(TOLD)
    for _ in range(MOST_RETURNS):
        ours.stop("immediate")
        await server.fresh(tmp_path)
    ours.stop("immediate")
    with pytest.raises(pytest.exit.Exception, match="went away once more"):
        await server.fresh(tmp_path)
    ours.start()
    assert len(take_notes(before)) == MOST_RETURNS + 1


async def test_a_server_that_does_not_come_back_ends_the_session_with_one_message() -> None:
    port = free_port()

    def fail() -> str:
        message = "its folder is gone"
        raise Gone(message)

    before = len(TOLD)
    url = f"postgresql+asyncpg://nobody@127.0.0.1:{port}/none"
    with pytest.raises(pytest.exit.Exception, match="does not come back"):
        await Server.open(url, "gone", bring_back=fail)
    (line,) = take_notes(before)
    assert line.endswith("its folder is gone")


async def test_a_statement_that_fails_is_not_taken_for_a_server_that_went_away(
    ours: Postgresql,
) -> None:
    server = await Server.open(ours.url, "of_errors", bring_back=ours.bring_back)
    before = len(TOLD)
    with pytest.raises(DBAPIError, match="does not exist"):
        await server._run("SELECT * FROM nowhere")
    assert take_notes(before) == []
