"""Noticing that an SQLite database's file was replaced or deleted while it is open.

An open connection goes on with the file that it opened, whatever lies under the path by now: what
it commits is gone with the last connection. SQLite itself does not look in WAL mode.
"""

import os
from pathlib import Path

from database.availability import Unreachable
from database.outages import Outage

Identity = tuple[int, int]
"""A file's device and inode."""


class DatabaseFile:
    """The database's file, its write-ahead log and the index of that, as they were when opened.

    A file that took the place of another is never opened by a running process: beside it may lie
    the write-ahead log of the other, and SQLite would apply that. A person has to stop the server,
    put the files right, and start it again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: set[int] = set()
        self._identity: Identity | None = None
        self._logs: dict[str, Identity | None] = {f"{path}-wal": None, f"{path}-shm": None}

    def opened(self, connection: object) -> None:
        """A connection was opened."""
        if self._identity is None:
            self._identity = _identity(self.path)
        if not self._open:
            # The last connection to close deletes these two. Others are made as they are needed.
            self._logs = dict.fromkeys(self._logs)
        self._open.add(id(connection))

    def closed(self, connection: object) -> None:
        """A connection was closed."""
        self._open.discard(id(connection))

    def check(self) -> None:
        """Raises Unreachable unless the path still leads to what the connections have open."""
        if self._identity is None:
            return
        if _identity(self.path) != self._identity:
            raise _replaced(self.path)
        if self._open:
            for path, known in self._logs.items():
                found = _identity(path)
                if known is None:
                    self._logs[path] = found
                elif found != known:
                    raise _replaced(path)


def _identity(path: Path | str) -> Identity | None:
    """None where nothing lies under the path."""
    try:
        found = os.stat(path)  # noqa: PTH116 - `Path.stat` takes twice as long, for each read
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _replaced(path: Path | str) -> Unreachable:
    said = f"{path}: stop the server, put the files right, and start it again"
    return Unreachable(said, Outage.REPLACED)
