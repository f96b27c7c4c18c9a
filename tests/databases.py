"""The databases that the tests run on: SQLite files, and PostgreSQL with or without a pooler."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, Protocol, Self

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from database.database import Database
from database.outages import Outage, outage_of
from models import schema_version
from settings import PREFIX, Settings
from tests.postgresql import FLEETING, Gone, postgresql
from tests.reuse import Released, Template

ELSEWHERE = f"{PREFIX}TEST_DATABASE_URL"
"""The environment variable with the address of another PostgreSQL server."""
MOST_RETURNS: Final = 3
"""How often a session restarts a server that crashed."""
TOLD: Final[list[str]] = []
"""Notes of this process about its server, printed at the end of the session."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server, and a function that restarts it and returns the end of its log."""

    url: str
    bring_back: Callable[[], str]


class Backend(Protocol):
    """Creates migrated, empty databases, each for one test or fixture."""

    async def fresh(self, folder: Path) -> str:
        """The address of a new database, which exists for as long as the folder."""
        ...

    async def release(self, url: str) -> None:
        """Delete a database, or keep it for the next test."""
        ...

    async def close(self) -> None: ...


class Files:
    """SQLite: copies of one migrated file, because migrating takes longer than most tests."""

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
        """The file is deleted with its folder."""

    async def close(self) -> None: ...


class Server:
    """PostgreSQL: copies of one migrated database, made by the server.

    A copy that was released is emptied for the next test: see tests/reuse.py.

    With a ``pooler``, the address of a copy is that of the pooler; the statements that copy go to
    the server itself.

    A server that crashed is restarted, and the test goes on. If it cannot be restarted, the session
    ends: every other test would fail for the same reason.
    """

    def __init__(
        self,
        url: str,
        name: str,
        pooler: str | None = None,
        bring_back: Callable[[], str] | None = None,
    ) -> None:
        self._url = make_url(url)
        self._name = name
        self._pooler = pooler and make_url(pooler)
        self._bring_back = bring_back
        self._made = 0
        self._template: Template | None = None
        self._released = Released()
        self._returns = 0
        self._has_ended = False

    @classmethod
    async def open(
        cls,
        url: str,
        name: str,
        pooler: str | None = None,
        bring_back: Callable[[], str] | None = None,
    ) -> Self:
        server = cls(url, name, pooler, bring_back)
        try:
            await server._make_template()
        except (OSError, DBAPIError) as error:
            await server._return_if_gone(error)
        return server

    async def _make_template(self) -> None:
        await self._ask(
            f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)", f"CREATE DATABASE {self._name}"
        )
        url = self._url.set(database=self._name)
        database = Database.open(_text(url))
        await schema_version.upgrade(database)
        await database.close()
        self._template = await Template.read(url)

    async def fresh(self, folder: Path) -> str:  # noqa: ARG002 - the server keeps its own
        name = await self._restored() or await self._copied()
        self._released.count_use(name)
        return _text((self._pooler or self._url).set(database=name))

    async def _restored(self) -> str | None:
        for name in self._released:
            url = self._url.set(database=name)
            if self._template and await self._template.restore(url, pooled=bool(self._pooler)):
                return name
            await self._drop(name)
        return None

    async def _copied(self) -> str:
        self._made += 1
        name = f"{self._name}_{self._made}"
        await self._run(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {self._name} STRATEGY FILE_COPY",
        )
        return name

    async def release(self, url: str) -> None:
        name = make_url(url).database or ""
        if not self._released.keep(name):
            await self._drop(name)

    async def _drop(self, name: str) -> None:
        await self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def close(self) -> None:
        for name in (*self._released, self._name):
            await self._drop(name)

    async def _run(self, *statements: str) -> None:
        if self._has_ended:
            return  # only databases are left to delete, and they are gone
        try:
            await self._ask(*statements)
        except (OSError, DBAPIError) as error:
            await self._return_if_gone(error)
            await self._ask(*statements)

    async def _return_if_gone(self, error: OSError | DBAPIError) -> None:
        """Restart the server and make the template again, or end the session."""
        if self._bring_back is None or not _is_gone(error):
            raise error
        if self._returns == MOST_RETURNS:
            self._end(f"PostgreSQL went away once more: {error}")
        self._returns += 1
        try:
            log_end = self._bring_back()
            await self._make_template()
        except (Gone, OSError, DBAPIError) as gone:
            self._end(f"PostgreSQL went away ({error}) and does not come back:\n{gone}")
        TOLD.append(f"PostgreSQL went away ({error}) and was restarted. Its log ends:\n{log_end}")

    def _end(self, reason: str) -> NoReturn:
        self._has_ended = True
        _end(reason)

    async def _ask(self, *statements: str) -> None:
        engine = create_async_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                for statement in statements:
                    await connection.execute(sa.text(statement))
        finally:
            await engine.dispose()


def _end(reason: str) -> NoReturn:
    """End the session. Without a status: xdist ends only for an interruption."""
    TOLD.append(reason)
    pytest.exit(reason.partition("\n")[0])


def _is_gone(error: OSError | DBAPIError) -> bool:
    """Whether the server does not answer: not after a failed statement or too many connections."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(cause, OSError) or outage_of(cause) is Outage.AWAY


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def server() -> Iterator[Address]:
    """The PostgreSQL server that the environment names, or one of our own."""
    url = os.environ.get(ELSEWHERE)
    if url:
        yield Address(Settings(database_url=url).database, bring_back=_not_ours)
        return
    with ExitStack() as stack:
        try:
            own_server = stack.enter_context(postgresql(FLEETING))
        except Gone as gone:
            _end(f"PostgreSQL does not start:\n{gone}")
        yield Address(own_server.url, own_server.bring_back)


def _not_ours() -> str:
    message = f"{ELSEWHERE} names a server that is not ours to start"
    raise Gone(message)
