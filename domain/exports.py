"""Exports of service orders: their formats, their statuses and their limits."""

from datetime import timedelta
from enum import auto
from typing import Final

from domain.names import Named
from domain.permissions import Permission

MAX_ROWS: Final = 1_000_000
"""The most rows of an export. A sheet of XLSX could hold 48,575 more."""

MAX_UNFINISHED: Final = 5
"""The most queued and running exports of a merchant."""

MAX_ATTEMPTS: Final = 10
"""How many times an export is started. One that ends its process each time is given up."""

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


def needed_permissions(*, reveals: bool) -> tuple[Permission, ...]:
    """What a person needs in order to make an export and to read its file.

    ``reveals``: the file shows contacts.
    """
    needed = (Permission.EXPORT, Permission.SERVICE_ORDER_READ)
    return (*needed, Permission.CUSTOMER_CONTACT_READ) if reveals else needed


def file_name(export_id: int, attempt: int, format_: ExportFormat) -> str:
    """The name of the file that an attempt of an export writes."""
    return f"{export_id}-{attempt}.{format_.lower()}"
