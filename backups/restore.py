"""Restoring a backup into an empty place."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import obstore
from obstore.store import LocalStore, ObjectStore

from backups import manifest, pictures
from backups.files import flush, partial_folder, publish
from backups.manifest import DATABASE, PICTURES, BadBackup, Manifest, sha256_of

COMPANIONS: Final = ("", "-wal", "-shm", "-mark")
"""The endings of the files that belong to one database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the desk will be."""

    database: Path
    pictures: ObjectStore
    pictures_folder: Path | None
    """The folder of the pictures; None if their store is not a folder."""
    keys: Sequence[str]
    """The fingerprints of the keys that it accepts."""
    schemas: Sequence[str]
    """The migrations that this release knows."""


def restore(
    source: Path, place: Place, examine: Callable[[Path, Path | None], int | None], *, any_key: bool
) -> tuple[Manifest, int | None]:
    """Restore a backup; return its manifest, and how many findings the doctor has.

    Nothing appears in the place before everything is copied and checked. ``any_key`` accepts that
    the place has another signing key. Raises BadBackup.
    """
    content = manifest.read(source)
    _require_known(content, place)
    if not any_key and content.key not in place.keys:
        raise BadBackup(
            f"the backup was made with the signing key {content.key}, and this server has "
            f"{place.keys[0]}: set AFTERSALES_SIGNING_KEY or the file signing-key in the data "
            "directory, or take --any-key"
        )
    _require_empty(place)
    _require_checksum(source / DATABASE, content.database_sha256)
    with partial_folder(place.database) as folder:
        database = folder / DATABASE
        shutil.copyfile(source / DATABASE, database)
        database.chmod(0o600)
        if place.pictures_folder is None:
            _copy_pictures(source, content, place.pictures)
            findings = examine(database, None)
            flush()
        else:
            with partial_folder(place.pictures_folder) as pictures_folder:
                _copy_pictures(source, content, LocalStore(str(pictures_folder)))
                findings = examine(database, pictures_folder)
                flush()
                publish(pictures_folder, place.pictures_folder)
        publish(database, place.database)  # last: without it, there is no desk
    return content, findings


def _copy_pictures(source: Path, content: Manifest, target: ObjectStore) -> None:
    folder = source / PICTURES
    if not folder.is_dir():
        raise BadBackup(f"{folder}: No such folder: this is no complete backup")
    paths = sorted(str(file.relative_to(folder)) for file in folder.glob("*/*/*"))
    copied = pictures.copy(paths, LocalStore(str(folder)), target)
    if changed := sorted(set(copied.damaged) - set(content.damaged)):
        raise BadBackup(f"{folder / changed[0]}: its content is not what its name says")
    if (copied.count, copied.bytes) != (content.pictures, content.picture_bytes):
        raise BadBackup(
            f"{folder}: {copied.count} pictures of {copied.bytes} bytes, where the manifest says "
            f"{content.pictures} of {content.picture_bytes}"
        )


def _require_checksum(file: Path, expected: str) -> None:
    try:
        found = sha256_of(file)
    except OSError as error:
        raise BadBackup(f"{file}: {error.strerror}") from error
    if found != expected:
        raise BadBackup(f"{file}: its checksum is not that of the manifest")


def _require_known(content: Manifest, place: Place) -> None:
    if content.schema not in place.schemas:
        raise BadBackup(
            f"the backup is of a database with migration {content.schema}, which this release "
            f"({place.schemas[-1]}) does not know: restore it with release {content.release}"
        )


def _require_empty(place: Place) -> None:
    for ending in COMPANIONS:
        file = Path(f"{place.database}{ending}")
        if file.exists():
            raise BadBackup(f"{file}: exists already; a backup is restored into an empty place")
    folder = place.pictures_folder
    if folder is None:
        if obstore.list_with_delimiter(place.pictures)["common_prefixes"]:
            raise BadBackup("the store of pictures is not empty")
    elif folder.exists() and any(folder.iterdir()):
        raise BadBackup(f"{folder}: is not empty; a backup is restored into an empty place")
