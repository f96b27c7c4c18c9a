"""Restricts the files of the server to their owner: the database, the key and the pictures."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from database.addresses import file_of
from settings import KEY_FILE, Settings

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_OTHERS_MODE: Final = stat.S_IRWXG | stat.S_IRWXO
_log = logging.getLogger("aftersales.files")


def keep_private(settings: Settings) -> None:
    """Set the umask of this process, and remove others' permissions from existing files.

    Only the server's own files are changed. The data folder may be shared, such as `/tmp`: if it
    exists already, a warning is logged instead.
    """
    os.umask(_OTHERS_MODE)
    folder = settings.data_dir
    if folder.is_dir() and _mode(folder) & _OTHERS_MODE:
        _log.warning("others may look into %s: chmod 700 %s", folder, folder)
    for path in _own_files(settings):
        _restrict(path)


def _own_files(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir / KEY_FILE
    file = file_of(settings.database)
    if file is not None:
        yield from (Path(f"{file}{ending}") for ending in ("", "-wal", "-shm", "-mark"))
    if settings.pictures_folder is not None:
        yield settings.pictures_folder


def _restrict(path: Path) -> None:
    """Remove all permissions of others. For a folder, this protects the files in it."""
    if not path.exists():
        return
    mode = _mode(path)
    if not mode & _OTHERS_MODE:
        return
    try:
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    except OSError as error:
        _log.warning("others may read %s, and that cannot be changed: %s", path, error.strerror)
    else:
        _log.warning("others could read %s (mode %o): now its owner alone can", path, mode)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
