"""Exports of service orders: their formats, their statuses and their limits."""

from datetime import timedelta
from enum import auto
from typing import Final

from domain.names import Named

MAX_ROWS: Final = 1_000_000
"""The most rows of an export. A sheet of XLSX could hold 48,575 more."""

MAX_UNFINISHED: Final = 5
"""The most exports of a merchant that wait or run."""

MAX_ATTEMPTS: Final = 10
"""How many times an export is begun. One that ends its process each time is given up."""

KEPT_FOR: Final = timedelta(days=1)
"""How long the file of an export is kept."""

CLEANED_AFTER: Final = timedelta(minutes=15)
"""How long after a failed or cancelled export its files are deleted: an upload may go on for as
long as the store allows it."""


class ExportFormat(Named):
    """The format of an export's file."""

    CSV = auto()
    XLSX = auto()
    NDJSON = auto()


class ExportStatus(Named):
    """The status of an export."""

    QUEUED = auto()
    RUNNING = auto()
    DONE = auto()
    FAILED = auto()
    CANCELLED = auto()
    EXPIRED = auto()


class ExportError(Named):
    """Why an export failed."""

    PERMISSION_WITHDRAWN = auto()
    TOO_MANY_ROWS = auto()
    INTERRUPTED = auto()
    INTERNAL = auto()


UNFINISHED: Final = (ExportStatus.QUEUED, ExportStatus.RUNNING)
