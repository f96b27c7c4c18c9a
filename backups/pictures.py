"""Copying pictures from one store to another, each checked against the hash that is its name."""

import hashlib
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore

from resolvers.pictures import folder_of

_AT_ONCE: Final = 8
_BATCH: Final = 1000


@dataclass(slots=True)
class Copied:
    """The result of copying pictures."""

    count: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    """Pictures that the store does not have."""
    damaged: list[str] = field(default_factory=list)
    """Pictures whose content is not what their name says. They are copied nevertheless."""


def named_in(database: Path) -> list[str]:
    """The paths in the store of all pictures that a database names."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT merchant_id, sha256 FROM evidence ORDER BY 1, 2")
        return [f"{merchant}/{folder_of(sha256)}/{sha256}" for merchant, sha256 in rows]


def copy(paths: Sequence[str], source: ObjectStore, target: ObjectStore) -> Copied:
    """Copy pictures. Those that the target has already are not written again."""
    copied = Copied()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for start in range(0, len(paths), _BATCH):  # a million tasks at once would be too many
            # The synchronous functions of the library: see Pictures.folders.
            batch = paths[start : start + _BATCH]
            for size in threads.map(partial(_copy, source, target, copied), batch):
                if size is not None:
                    copied.count += 1
                    copied.bytes += size
    copied.missing.sort()
    copied.damaged.sort()
    return copied


def _copy(source: ObjectStore, target: ObjectStore, copied: Copied, path: str) -> int | None:
    """The size of the picture; None if the source does not have it."""
    try:
        data = bytes(obstore.get(source, path).bytes())
    except FileNotFoundError:
        copied.missing.append(path)
        return None
    if hashlib.sha256(data).hexdigest() != path.rpartition("/")[2]:
        copied.damaged.append(path)
    try:
        obstore.put(target, path, data, mode="create")
    except AlreadyExistsError:
        return len(data)
    return len(data)
