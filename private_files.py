"""Files that their owner alone may read: the database, the key and the pictures."""

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
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_log = logging.getLogger("aftersales.files")


def keep_private(settings: Settings) -> None:
    """Let this process make files for their owner alone, and close those that were made open.

    Only files that are ours by name are changed. The data folder may be one that others use as
    well, such as `/tmp`: if it was there before, a warning is logged instead.
    """
    os.umask(_OTHERS)
    folder = settings.data_dir
    if folder.is_dir() and _mode(folder) & _OTHERS:
        _log.warning("others may look into %s: chmod 700 %s", folder, folder)
    for path in _ours(settings):
        _close(path)


def _ours(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir / KEY_FILE
    file = file_of(settings.database)
    if file is not None:
        yield from (file, Path(f"{file}-wal"), Path(f"{file}-shm"))
    if settings.pictures_folder is not None:
        yield settings.pictures_folder


def _close(path: Path) -> None:
    """Take all permissions from others. A folder that nobody else enters protects what it holds."""
    if not path.exists():
        return
    before = _mode(path)
    if not before & _OTHERS:
        return
    try:
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    except OSError as error:
        _log.warning("others may read %s, and that cannot be changed: %s", path, error.strerror)
    else:
        _log.warning("others could read %s (mode %o): now its owner alone can", path, before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
