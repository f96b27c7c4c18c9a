"""What the jobs of exports are given: the database, the time, the store, and the filter."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from database.database import Database
from models.clock import Clock
from models.columns import Stored
from models.queries.export_rows import Matching
from watching.counts import JobCounts

LEASE: Final = timedelta(seconds=30)
"""How long an export may be silent. Then another process begins it again."""


class Files(Protocol):
    """The store of the files."""

    async def put(self, merchant_id: int, name: str, file: Path) -> None:
        """Store a complete file. Raises Unreachable."""

    async def delete(self, merchant_id: int, names: Iterable[str]) -> None:
        """Delete files that may exist. Raises Unreachable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """The parts of a process that runs exports.

    ``matching`` reads the stored filter of an export: the filter is the API's, which no job knows.
    ``page`` is how many orders a transaction reads, ``reveal_page`` if it also logs their reveals.
    ``retry`` is the pause before the database or the store is asked again after an outage, and
    ``heartbeat`` that between two renewals of the lease.
    """

    database: Database
    clock: Clock
    files: Files
    matching: Callable[[Stored | None, int, datetime], Matching]
    page: int = 1_000
    reveal_page: int = 300
    retry: timedelta = timedelta(seconds=1)
    heartbeat: timedelta = LEASE / 6
    counts: JobCounts = field(default_factory=JobCounts)
    scratch: Path | None = None
    """Where the files are written at first; by default in the system's temporary folder."""
