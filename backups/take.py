"""Taking a backup of a desk on SQLite while servers use it.

The database first, then the pictures that the copy names: a picture is stored before its row is
written, and is never changed. The other way around, a picture uploaded in between would be missing.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from obstore.store import LocalStore, ObjectStore

from backups import pictures
from backups.files import flush, partial_folder, publish
from backups.manifest import DATABASE, PICTURES, BadBackup, Manifest, sha256_of
from backups.pictures import Copied
from database.commit_mark import mark_as_stopped

ATTEMPTS: Final = 3
"""How often the database is copied anew because pictures were erased in the meantime."""

Examine = Callable[[Path, Path], int | None]
"""Runs the doctor on a database and a folder of pictures, prints and counts its findings.

None if the database is not one of this release.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The desk to copy."""

    database: Path
    pictures: ObjectStore
    release: str
    key: str
    now: Callable[[], str]


def take(source: Source, target: Path, examine: Examine) -> Manifest:
    """Write a backup into a new folder, and return its manifest.

    The doctor's findings are counted in it and do not stop the backup: a copy of damaged data is
    better than none. Raises BadBackup.
    """
    if target.exists():
        raise BadBackup(f"{target}: exists already; a backup overwrites nothing")
    with partial_folder(target) as folder:
        made_at, copied = _copy(source, folder)
        database = folder / DATABASE
        findings = examine(database, folder / PICTURES)
        manifest = Manifest(
            release=source.release,
            schema=_schema_of(database),
            made_at=made_at,
            database_bytes=database.stat().st_size,
            database_sha256=sha256_of(database),
            pictures=copied.count,
            picture_bytes=copied.bytes,
            damaged=copied.damaged,
            key=source.key,
            findings=findings,
        )
        manifest.write(folder)
        flush()
        publish(folder, target)
    return manifest


def _copy(source: Source, folder: Path) -> tuple[str, Copied]:
    """Copy the database and its pictures; again if pictures were erased while they were copied."""
    made_at, copied = _copy_once(source, folder)
    for _ in range(ATTEMPTS - 1):
        if not copied.missing:
            break
        made_at, copied = _copy_once(source, folder)
    return made_at, copied


def _copy_once(source: Source, folder: Path) -> tuple[str, Copied]:
    database, kept = folder / DATABASE, folder / PICTURES
    database.unlink(missing_ok=True)
    made_at = source.now()
    _copy_database(source.database, database)
    paths = pictures.named_in(database)
    copied = pictures.copy(paths, source.pictures, LocalStore(str(kept), mkdir=True))
    for file in {file.relative_to(kept) for file in kept.glob("*/*/*")} - set(map(Path, paths)):
        (kept / file).unlink()  # erased since the last attempt
    return made_at, copied


def _copy_database(source: Path, target: Path) -> None:
    """Copy one state of the database, with what its write-ahead log holds.

    VACUUM INTO leaves out deleted rows, which SQLite's backup API copies with their pages. Writers
    go on meanwhile, and the write-ahead log grows by what they write.
    """
    address = f"{source.absolute().as_uri()}?mode=rw"  # never creates it
    try:
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        target.chmod(0o600)
        mark_as_stopped(target)
    except sqlite3.Error as error:
        raise BadBackup(f"{source}: {error}") from error


def _schema_of(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        [revision] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision)
