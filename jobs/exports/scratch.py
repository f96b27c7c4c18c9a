"""Folders for the files that exports write before they are complete.

A process that is killed leaves its folder behind. Another one tells it from a folder in use by its
lock, which ends with the process.
"""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "aftersales-export-"
_LOCK: Final = "lock"
_YOUNG_S: Final = 60.0
"""A folder may lack its lock for a moment after it was made."""


@contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A folder for one file, by default in the system's folder for temporary files."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent) as name:
        folder = Path(name)
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def clear(parent: Path | None = None) -> int:
    """Delete the folders of processes that are gone; returns how many."""
    count = 0
    for folder in Path(parent or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < _YOUNG_S:
                continue
            with (folder / _LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
                count += 1
        except OSError:
            continue  # in use, another user's, or gone already
    return count
