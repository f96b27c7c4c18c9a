"""The commands `aftersales backup` and `aftersales restore`: where they read and write."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import typer

from backups.manifest import BadBackup, Manifest
from backups.restore import Place, restore
from backups.take import Source, take
from database.addresses import file_of
from database.commit_mark import MarkFile
from doctor import commits
from doctor.finding import Finding
from examination import examine_current, patient
from models import schema_version
from models.clock import WallClock
from models.schema_version import NotCurrent, Standing
from parts import Parts, parts_of
from settings import Settings
from startup import load_settings, once_available, open_parts, out, run


def back_up(target: Path) -> None:
    """Make a backup, print what the doctor found in it, and end with status 1 if it found faults.

    Raises BadBackup.
    """
    settings = load_settings()
    database = _database_of(settings)
    folder = settings.pictures_folder
    if folder is not None and target.absolute().is_relative_to(folder.absolute()):
        raise BadBackup(f"{target}: is among the pictures; choose another folder")
    parts = open_parts(settings)
    lost: list[Finding] = []
    run(parts, _examine_source(parts, database, lost))
    source = Source(
        database=database,
        pictures=parts.pictures.store,
        release=version("aftersales"),
        key=parts.keys.fingerprints[0],
        now=lambda: WallClock().now().isoformat(timespec="seconds"),
    )

    def examine(file: Path, pictures: Path) -> int | None:
        return _examine(settings, parts, file, pictures)

    manifest = take(source, target, examine)
    _print(f"Backed up to {target}", manifest)
    out.print(
        "The signing key is not in the backup: keep it elsewhere, or all must sign in again.",
        soft_wrap=True,
    )
    _end(manifest.findings, manifest, lost)


async def _examine_source(parts: Parts, database: Path, lost: list[Finding]) -> None:
    """Find lost commits: no copy shows them. Raises NotCurrent if the database is newer."""
    standing = await once_available(lambda: schema_version.find_standing(parts.database))
    if standing is Standing.NEWER:
        raise NotCurrent(standing)
    file = MarkFile.read(database)
    async with parts.database.read() as connection:
        lost += [finding async for finding in commits.examine(connection, file)]


def restore_backup(source: Path, *, any_key: bool) -> None:
    """Restore a backup, and end with status 1 if the doctor found faults. Raises BadBackup."""
    settings = load_settings()
    database = _database_of(settings)
    settings.make_folder(database.parent)
    parts = open_parts(settings)
    place = Place(
        database=database,
        pictures=parts.pictures.store,
        pictures_folder=settings.pictures_folder,
        keys=parts.keys.fingerprints,
        schemas=schema_version.revisions(),
    )

    def examine(file: Path, pictures: Path | None) -> int | None:
        return _examine(settings, parts, file, pictures)

    manifest, findings = restore(source, place, examine, any_key=any_key)
    _print(f"Restored to {database}", manifest)
    _end(findings, manifest)


def _database_of(settings: Settings) -> Path:
    file = file_of(settings.database)
    if file is None:
        raise BadBackup("PostgreSQL has its own tools: see docs/operating.md")
    return file


def _examine(settings: Settings, parts: Parts, database: Path, pictures: Path | None) -> int | None:
    """Run the doctor on a copy, and print and count its findings; None if it cannot be asked."""
    faults: Counter[bool] = Counter()  # by `is_note`

    def report(finding: Finding) -> None:
        faults[finding.is_note] += 1
        out.print(finding.line(), markup=False, soft_wrap=True)

    places: dict[str, str] = {"database_url": f"sqlite+aiosqlite:///{database}"}
    if pictures is not None:
        places["pictures_url"] = str(pictures)
    copy = parts_of(patient(settings).model_copy(update=places))
    copy = replace(copy, clock=parts.clock)  # its own would leave a file beside the copy
    try:
        run(copy, examine_current(copy, report))
    except NotCurrent as error:
        out.print(f"Not examined: {error}", markup=False, soft_wrap=True)
        return None
    return faults[False]


def _print(done: str, manifest: Manifest) -> None:
    words = (
        f"{done}: the state of {manifest.made_at}, {manifest.database_bytes:,} bytes and "
        f"{manifest.pictures} pictures of {manifest.picture_bytes:,} bytes."
    )
    out.print(words, markup=False, soft_wrap=True)


def _end(findings: int | None, manifest: Manifest, lost: Sequence[Finding] = ()) -> None:
    for finding in lost:
        out.print(finding.line(), markup=False, soft_wrap=True)
    for path in manifest.damaged:
        out.print(f"damaged: {path}", markup=False, soft_wrap=True)
    if findings or manifest.damaged or lost:
        raise typer.Exit(1)
    if findings is not None:
        out.print("Nothing is wrong.")
