"""The manifest of a backup: what made it, and the checksums of what is in it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

FORMAT: Final = 1
FILE: Final = "manifest.json"
DATABASE: Final = "aftersales.db"
PICTURES: Final = "pictures"
"""The names in the folder of a backup."""


class BadBackup(Exception):
    """A backup cannot be made or restored. The message is one line for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. The name of a picture's file is its SHA-256: it needs no other."""

    format: int = FORMAT
    release: str
    schema: str
    """The last migration of the database."""
    made_at: str
    database_bytes: int
    database_sha256: str
    pictures: int
    picture_bytes: int
    damaged: Sequence[str]
    """Pictures whose content had changed in the store before the backup."""
    key: str
    """The fingerprint of the signing key, which is not in the backup."""
    findings: int | None
    """How much the doctor found in the backup; None if it was not asked."""

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")


def read(folder: Path) -> Manifest:
    """Raises BadBackup."""
    file = folder / FILE
    try:
        content = json.loads(file.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise BadBackup(f"{file}: it is of a later release")
        return Manifest(**content)
    except OSError as error:
        raise BadBackup(f"{file}: {error.strerror}: this is no complete backup") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadBackup(f"{file}: it is damaged") from error


def sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
