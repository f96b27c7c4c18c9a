"""Copies of a database that is in use, as an operator makes them: pg_dump, SQLite's backup."""

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from database.addresses import file_of
from tests.postgresql import FLEETING, postgresql
from tests.replica.streaming import PROGRAMS


@dataclass(frozen=True)
class Copy:
    """The address of a copy, and the function that makes it."""

    url: str
    make: Callable[[], None]


@contextmanager
def copies(url: str, folder: Path) -> Iterator[Copy]:
    """A copy in a new file, or in a new PostgreSQL server, which runs while the block does."""
    file = file_of(url)
    if file is not None:
        target = folder / "restored.db"
        yield Copy(f"sqlite+aiosqlite:///{target}", lambda: _back_up(file, target))
        return
    with postgresql(FLEETING) as server:
        if not (PROGRAMS / "pg_dump").exists():
            pytest.skip("there is no pg_dump beside the PostgreSQL server")
        yield Copy(server.url, lambda: _dump(url, server.url, folder / "dump.sql"))


def _back_up(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as of, closing(sqlite3.connect(target)) as to:
        of.backup(to)


def _dump(url: str, target: str, file: Path) -> None:
    """Dump the database, and restore it into an empty one."""
    _run(PROGRAMS / "pg_dump", "--no-owner", f"--file={file}", _plain(url))
    stop = ("-v", "ON_ERROR_STOP=1")
    _run(PROGRAMS / "psql", "-qX", *stop, f"--file={file}", _plain(target))


def _run(program: Path, *arguments: str) -> None:
    subprocess.run([program, *arguments], check=True, capture_output=True)


def _plain(url: str) -> str:
    """The address as PostgreSQL's own programs take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
