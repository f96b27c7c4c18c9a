"""Detection of an SQLite file that was replaced or deleted while it is open.

An open connection keeps using the file that it opened, even if the path now leads elsewhere: its
commits are lost when the last connection closes. In WAL mode SQLite itself does not check.
"""

import os
from pathlib import Path

from database.availability import Unreachable
from database.outages import Outage

Identity = tuple[int, int]
"""A file's device and inode."""


class DatabaseFile:
    """The identities of the database's file, its write-ahead log and the log's index, when opened.

    A running process never opens a replacement file: the write-ahead log beside it may belong to
    the old file, and SQLite would apply it. An operator must stop the server, put the files right,
    and start it again.
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
            # The last connection to close deletes these two; new ones are created when needed.
            self._logs = dict.fromkeys(self._logs)
        self._open.add(id(connection))

    def closed(self, connection: object) -> None:
        """A connection was closed."""
        self._open.discard(id(connection))

    def check(self) -> None:
        """Raises Unreachable unless the path still leads to the file that is open."""
        if self._identity is None:
            return
        if _identity(self.path) != self._identity:
            raise _replaced(self.path)
        if self._open:
            for path, opened in self._logs.items():
                current = _identity(path)
                if opened is None:
                    self._logs[path] = current
                elif current != opened:
                    raise _replaced(path)


def _identity(path: Path | str) -> Identity | None:
    """None if there is no such file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - `Path.stat` takes twice as long, for each read
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _replaced(path: Path | str) -> Unreachable:
    message = f"{path}: stop the server, put the files right, and start it again"
    return Unreachable(message, Outage.REPLACED)
