"""The commit mark: a number that grows with the commits of an SQLite database.

It is in the database, and in a file beside it. A copy of the database file without its write-ahead
log is a valid, older database: the file beside it shows that, as it knows a later mark.

The mark is SQLite's ``user_version``, and so in the header of the database file. It is odd while
servers use the database. So a copy of the database file alone, without the file beside it, tells
whether it was made from a database in use. The database is known by its ``application_id``, a
random number.

See docs/decisions/0071-backups.md for what this detects, and what not.
"""

import json
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Self


class Doubt(StrEnum):
    """Why commits may be missing."""

    LOST = "the database lacks changes that were made until then"
    UNKNOWN = "the database was copied while it was in use, and its mark file is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Commits that are missing, or may be."""

    doubt: Doubt
    at: str
    """The time of the latest mark that is known, or of the discovery."""

    def line(self) -> str:
        return f"{self.doubt} ({self.at})"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkFile:
    """The content of the file beside the database."""

    database: int
    mark: int
    at: str
    loss: Loss | None = None
    """Kept until an operator accepts it."""

    @staticmethod
    def beside(database: Path) -> Path:
        return database.with_name(f"{database.name}-mark")

    @classmethod
    def read(cls, database: Path) -> Self | None:
        """None if there is none, or none that can be read."""
        try:
            content = json.loads(cls.beside(database).read_text("utf-8"))
            loss = content.pop("loss")
            kept = loss and Loss(doubt=Doubt(loss["doubt"]), at=str(loss["at"]))
            return cls(**content, loss=kept)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, database: Path) -> None:
        """Replace the file. It is not flushed: the commits are not, either."""
        file = self.beside(database)
        new = file.with_name(f"{file.name}-{os.getpid()}")
        try:
            new.touch(mode=0o600)
            new.write_text(json.dumps(asdict(self)), "utf-8")
            new.replace(file)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark in a database."""

    database: int
    """0 if none was ever set."""
    number: int

    @property
    def is_in_use(self) -> bool:
        return self.number % 2 == 1

    def next(self, *, in_use: bool) -> "Mark":
        number = self.number + 1
        return replace(self, number=number if number % 2 == in_use else number + 1)


def find_loss(mark: Mark, file: MarkFile | None) -> Loss | None:
    """Whether a database with this mark lacks commits, by the file beside it."""
    if file is not None and file.database == mark.database:
        if file.mark > mark.number:
            return Loss(doubt=Doubt.LOST, at=file.at)
        return file.loss
    if mark.is_in_use:
        return Loss(doubt=Doubt.UNKNOWN, at=datetime.now(UTC).isoformat(timespec="seconds"))
    return None


def accept_loss(database: Path, mark: Mark) -> None:
    """Forget a loss: the file says from now on what the database says."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    MarkFile(database=mark.database, mark=mark.number, at=at).write(database)


def mark_as_stopped(database: Path) -> None:
    """Mark a complete copy that no server uses, so that nobody looks for a file beside it."""
    with closing(sqlite3.connect(database)) as connection:
        [number] = connection.execute("PRAGMA user_version").fetchone()
        if number % 2:
            connection.execute(f"PRAGMA user_version = {number + 1}")
