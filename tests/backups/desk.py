"""A desk on SQLite in a folder of its own, and the commands that back it up."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import obstore.store
from typer.testing import CliRunner, Result

from auth.keys import Keys
from cli import cli
from database.database import Database
from jobs.mark_commits import Marker
from parts import Parts
from resolvers.pictures import Pictures
from settings import PREFIX
from tests.conftest import StoppedClock
from tests.given import World
from tests.serving.process import KEY


@dataclass(frozen=True)
class Desk:
    """The folder of a desk."""

    folder: Path
    key: str = KEY

    @property
    def file(self) -> Path:
        return self.folder / "aftersales.db"

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.file}"

    @property
    def environment(self) -> Mapping[str, str]:
        return {f"{PREFIX}DATA_DIR": str(self.folder), f"{PREFIX}SIGNING_KEY": self.key}

    def run(self, *arguments: str | Path) -> Result:
        """Run a command on this desk; not where an event loop runs."""
        ours = {name: None for name in os.environ if name.startswith(PREFIX)}
        return CliRunner().invoke(cli, [*map(str, arguments)], env={**ours, **self.environment})

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[World]:
        """The desk within this process."""
        database = Database.open(self.url)
        store = obstore.store.LocalStore(str(self.pictures), mkdir=True)
        pictures = Pictures(store, keys := Keys.read(KEY))
        clock = StoppedClock()
        clock.time = datetime.now(UTC)
        yield World(Parts(database, keys, pictures, clock))
        await pictures.close()
        await database.close()

    @asynccontextmanager
    async def marked(self) -> AsyncIterator[tuple[Database, Marker]]:
        """The database while a process uses it and marks its commits."""
        database = Database.open(self.url)
        marker = Marker(database, self.file)
        await marker.mark()
        yield database, marker
        await database.close()

    def count(self, table: str) -> int:
        with closing(sqlite3.connect(self.file)) as connection:
            [count] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - a name of ours
        return int(count)


def new_desk(empty: Path, folder: Path) -> Desk:
    """A desk with a copy of an empty, migrated database."""
    folder.mkdir(mode=0o700)
    desk = Desk(folder)
    shutil.copyfile(empty, desk.file)
    return desk
