"""The kinds of outage, and the table from the drivers' error codes to them."""

import sqlite3
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Outage(StrEnum):
    """Why the database cannot be used, as an operator reads it."""

    AWAY = "the database is away"
    NODE_AWAY = "a machine of the distributed database is away"
    SILENT = "the database does not answer in time"
    NO_CONNECTIONS = "the database takes no more connections"
    REFUSED = "the database refuses this server's role or password"
    MISSING = "the database does not exist or cannot be opened"
    READ_ONLY = "the database is read-only"
    DISK_FULL = "the database's disk is full"
    OUT_OF_MEMORY = "the database is out of memory"
    LIMIT = "the database has reached one of its limits"
    LOCKED = "the database is locked by someone else"
    SLOW = "the database stopped a statement that took too long"
    IO_ERROR = "the database cannot read or write its disk"
    CORRUPT = "the database is corrupt"
    REPLACED = "the database's file was replaced or deleted while it was open"


PASSING: Final = frozenset(
    {
        Outage.AWAY,
        Outage.NODE_AWAY,
        Outage.SILENT,
        Outage.NO_CONNECTIONS,
        Outage.LOCKED,
        Outage.SLOW,
    }
)
"""Outages that end without an operator. A command waits for these, and only these, to end."""

DISPROVED_BY_READING: Final = PASSING - {Outage.LOCKED, Outage.SLOW} | {
    Outage.REFUSED,
    Outage.MISSING,
    Outage.REPLACED,
}
"""Outages that prevent reads: a successful read ends them, even if a write reported them."""

RECONNECTING: Final = frozenset({Outage.AWAY, Outage.READ_ONLY})
"""Outages after which the address may lead to another server: all connections are closed."""

_POSTGRESQL: Final[Mapping[str, Outage]] = {
    "08": Outage.AWAY,
    "57P": Outage.AWAY,
    "57P04": Outage.MISSING,
    "53": Outage.LIMIT,
    "53100": Outage.DISK_FULL,
    "53200": Outage.OUT_OF_MEMORY,
    "53300": Outage.NO_CONNECTIONS,
    "25006": Outage.READ_ONLY,
    "25P03": Outage.SLOW,
    "25P04": Outage.SLOW,
    "28": Outage.REFUSED,
    "42501": Outage.REFUSED,
    "3D000": Outage.MISSING,
    "55P03": Outage.LOCKED,
    "57014": Outage.SLOW,
    "58": Outage.IO_ERROR,
    "XX001": Outage.CORRUPT,
    "XX002": Outage.CORRUPT,
}
"""By the prefix of an SQLSTATE; the longest matching prefix counts.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

_SQLITE: Final[Mapping[int, Outage]] = {
    sqlite3.SQLITE_PERM: Outage.MISSING,
    sqlite3.SQLITE_BUSY: Outage.LOCKED,
    sqlite3.SQLITE_LOCKED: Outage.LOCKED,
    sqlite3.SQLITE_NOMEM: Outage.OUT_OF_MEMORY,
    sqlite3.SQLITE_READONLY: Outage.READ_ONLY,
    sqlite3.SQLITE_READONLY_DBMOVED: Outage.REPLACED,
    sqlite3.SQLITE_IOERR: Outage.IO_ERROR,
    sqlite3.SQLITE_CORRUPT: Outage.CORRUPT,
    sqlite3.SQLITE_NOTADB: Outage.CORRUPT,
    sqlite3.SQLITE_FULL: Outage.DISK_FULL,
    sqlite3.SQLITE_CANTOPEN: Outage.MISSING,
    sqlite3.SQLITE_PROTOCOL: Outage.LOCKED,
}
"""By an extended result code, or else by the primary one, which is its lowest byte.

https://www.sqlite.org/rescode.html
"""
_NODE: Final = "connection to the remote node"
"""How Citus words it; the SQLSTATE is that of an outage of the coordinator."""
_LONGEST_SQLSTATE: Final = 5
_PRIMARY: Final = 0xFF


def outage_of(error: BaseException | None) -> Outage | None:
    """The outage that a driver's error reports; None for any other error.

    An error of SQLAlchemy wraps the driver's: pass its ``orig``.
    """
    if isinstance(error, sqlite3.Error):
        code: int | None = getattr(error, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code, _SQLITE.get(code & _PRIMARY))
    if isinstance(error, Exception) and _NODE in str(error):
        return Outage.NODE_AWAY
    state: str = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
    for length in range(min(len(state), _LONGEST_SQLSTATE), 1, -1):
        outage = _POSTGRESQL.get(state[:length])
        if outage is not None:
            return outage
    return None
