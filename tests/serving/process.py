"""Starts the command in processes of its own, as somebody who runs it would."""

import asyncio
import base64
import contextlib
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import httpx2
import sqlalchemy as sa

from database.database import Database
from tests.client import Client
from tests.ports import free_port

COMMAND = Path(sys.executable).with_name("aftersales")
KEY = base64.b64encode(b"k" * 32).decode()
"""The key of the tests' own parts, so that tokens made there are good here."""
PATIENCE_S = 60


_WAITERS: Final = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
_WAITING: Final = sa.text(_WAITERS)
_WAITING_ANYWHERE: Final = sa.text(
    "SELECT sum(CAST(result AS INTEGER)) FROM run_command_on_all_nodes(:waiters)"
).bindparams(waiters=_WAITERS)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - another process gives no event to wait for
            await asyncio.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody asked about does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@dataclass
class Command:
    """A command that runs, and what it has said so far."""

    process: asyncio.subprocess.Process
    port: int
    said: list[str] = field(default_factory=list)

    async def latency(self, times: int = 10) -> float:
        """The median seconds until `/healthz` is answered."""
        took = []
        async with self.client() as client:
            for _ in range(times):
                before = time.monotonic()
                assert (await client.http.get("/healthz")).status_code == 200
                took.append(time.monotonic() - before)
        return statistics.median(took)

    @classmethod
    @asynccontextmanager
    async def start(cls, *arguments: str, database_url: str, **env: str) -> AsyncIterator[Self]:
        port = free_port()
        words = (port if word == "PORT" else word for word in arguments)
        ours = {name: value for name, value in os.environ.items() if "AFTERSALES" not in name}
        env = {
            **ours,
            "AFTERSALES_DATABASE_URL": database_url,
            "AFTERSALES_SIGNING_KEY": KEY,
            **{f"AFTERSALES_{name.upper()}": value for name, value in env.items()},
        }
        async with cls.running(COMMAND, *words, port=port, env=env) as command:
            yield command

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        *words: object,
        port: int,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> AsyncIterator[Self]:
        """Any program that serves a port, killed with all its processes at the end."""
        process = await asyncio.create_subprocess_exec(
            *map(str, words),
            env=env,
            cwd=cwd,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        command = cls(process, port)
        reading = asyncio.create_task(command._listen())
        try:
            yield command
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            await reading

    async def _listen(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.said.append(line.decode().rstrip())

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """Asks over one connection after the other: none outlives an answer."""
        limits = httpx2.Limits(max_keepalive_connections=0)
        url = f"http://127.0.0.1:{self.port}"
        async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=PATIENCE_S) as http:
            yield Client(http)

    async def ready(self, *, processes: int = 1) -> None:
        """Wait until so many processes serve."""
        await self.heard("Application startup complete", times=processes)
        await self.heard("Uvicorn running on")  # of one process this comes last

    async def waits_to_write(self, database: Database) -> None:
        """Wait until the command waits for whoever holds the database.

        PostgreSQL says so. On SQLite the driver logs, where the level is debug, that it reads who
        asks: the write comes next. Jobs of the command wait to write, too.
        """
        if database.is_sqlite:
            await self.heard("sign_in.id = ")
            return
        waiting = _WAITING_ANYWHERE if database.is_distributed else _WAITING
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with database.read(vital=True) as connection:
                    if (await connection.execute(waiting)).scalar_one():
                        return
                await asyncio.sleep(0.05)

    async def heard(self, words: str, *, times: int = 1) -> None:
        await eventually(lambda: sum(words in line for line in self.said) >= times)

    def children(self) -> set[int]:
        """The processes that serve; not the one that multiprocessing keeps beside them."""
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {
            pid
            for pid in map(int, own.split())
            if is_alive(pid)
            and b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        }

    def stop(self) -> None:
        self.process.terminate()

    @property
    def runs(self) -> bool:
        return self.process.returncode is None

    async def end(self) -> int:
        """Wait until it has ended by itself, and say how."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE_S)
