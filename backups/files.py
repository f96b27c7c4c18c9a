"""Files that appear whole or not at all: written under another name, flushed, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backups.manifest import BadBackup


def partial_name(path: Path) -> Path:
    """The name beside ``path`` under which it is written."""
    return path.with_name(f".{path.name}.partial-{os.getpid()}")


@contextmanager
def partial_folder(path: Path) -> Iterator[Path]:
    """A new folder beside ``path``, deleted at the end unless it was renamed. Raises BadBackup."""
    folder = partial_name(path)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise BadBackup(f"{folder}: {error.strerror}") from error
    try:
        yield folder
    except OSError as error:
        raise BadBackup(f"{error.filename or folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def flush() -> None:
    """Flush everything that was written: one call for all pictures instead of one for each."""
    os.sync()


def publish(path: Path, target: Path) -> None:
    """Rename within a folder, and flush the folder, so that the new name outlives the power."""
    path.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
