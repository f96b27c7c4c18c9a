"""The migrations of a database: which it has had, and running those that are missing."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from database.advisory_lock import lock
from database.database import Database

VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
_FLOORS: Final = sa.table(
    "schema_floor", sa.column("id", sa.Integer), sa.column("revision", sa.String)
)
LOCK_TIMEOUT: Final = "5s"
"""How long a migration waits for a table: whoever asks for the table afterwards waits behind it."""
_SERVES_FROM: Final = re.compile(r'^serves_from = "(\w+)"$', re.MULTILINE)
_APPLIED: Final = sa.table("alembic_version", sa.column("version_num", sa.String))


class Standing(StrEnum):
    """A database's migrations compared with this server's."""

    CURRENT = "the database is up to date"
    BEHIND = "the database is behind this server: run `aftersales migrate`"
    AHEAD = "the database is ahead of this server, which may go on beside later ones"
    NEWER = "the database is newer than this server: it needs a later release"


class NotCurrent(Exception):
    """The database lacks migrations of this server, or has others."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(standing)
        self.standing = standing


class Differs(Exception):
    """The migrations do not create the tables of the models."""


async def find_standing(database: Database) -> Standing:
    """The standing of the database. Raises Overloaded or Unreachable."""
    async with database.read(vital=True) as connection:
        return await connection.run_sync(standing_of)


def standing_of(connection: Connection) -> Standing:
    """The standing of the database of a connection."""
    revision = None
    if sa.inspect(connection).has_table(_APPLIED.name):
        revision = connection.scalar(sa.select(_APPLIED.c.version_num))
    *earlier, head = revisions()
    if revision == head:
        return Standing.CURRENT
    if revision is None or revision in earlier:
        return Standing.BEHIND
    floor = _floor_of(connection)
    return Standing.AHEAD if floor is not None and floor <= head else Standing.NEWER


def _floor_of(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(_FLOORS.name):
        return None  # made by a release before the table, or by none of ours
    floor: str | None = connection.scalar(sa.select(_FLOORS.c.revision))
    return floor


async def is_current(database: Database) -> bool:
    """Whether the database has had every migration, and no other."""
    return await find_standing(database) is Standing.CURRENT


async def upgrade(database: Database) -> None:
    """Run the migrations that are missing, in one transaction, one process at a time.

    Raises:
        Unreachable: the database cannot be used.
        NotCurrent: the database is newer than this server. Nothing was changed.
    """
    async with database.write_unlimited() as connection:
        await lock(connection, "migrations")
        standing = await connection.run_sync(standing_of)
        if standing in {Standing.NEWER, Standing.AHEAD}:
            raise NotCurrent(standing)
        if not database.is_sqlite:
            await connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.run_sync(_command("upgrade"))
        await connection.execute(sa.delete(_FLOORS))
        await connection.execute(sa.insert(_FLOORS).values(id=1, revision=oldest_served()))


async def downgrade(database: Database) -> None:
    """Undo all migrations, in one transaction: for tests, as it deletes everything."""
    async with database.write() as connection:
        await connection.run_sync(_command("downgrade"))


async def compare(database: Database) -> None:
    """Compare the tables with the models. Raises Differs if a migration is missing."""
    async with database.write() as connection:
        difference = await connection.run_sync(_command("find_difference"))
    if difference is not None:
        raise Differs(difference)


async def draft(database: Database, message: str) -> None:
    """Write a migration with what differs from the models; to be read and corrected."""
    async with database.write() as connection:
        await connection.run_sync(partial(_command("draft"), message=message))


@cache
def revisions() -> Sequence[str]:
    """The revisions of this server, in order: the numbers at the beginning of the files' names."""
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def oldest_served() -> str:
    """The oldest release whose servers may use a database with all migrations.

    A migration names it as ``serves_from``; without that, it serves from itself on.
    """
    return max(serves_from(revision) for revision in revisions())


def serves_from(revision: str) -> str:
    [path] = VERSIONS.glob(f"{revision}_*.py")
    match = _SERVES_FROM.search(path.read_text("utf-8"))
    return match[1] if match else revision


def _command(name: str) -> Callable[..., str | None]:
    """A command of Alembic, which takes 12 MB of memory: a process that only serves has none."""
    command: Callable[..., str | None] = getattr(import_module("models.alembic_commands"), name)
    return command
