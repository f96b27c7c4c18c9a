"""The table of exports: files of service orders, written by a job."""

from datetime import datetime
from typing import Final

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from domain.actors import ActorKind
from domain.exports import UNFINISHED, ExportError, ExportFormat, ExportStatus
from domain.text import Language
from models.columns import Stored, big, enum, json
from models.tables import table_of, within_tenant

_UNFINISHED: Final = ", ".join(f"'{status}'" for status in UNFINISHED)
UNFINISHED_ROWS: Final = f"status IN ({_UNFINISHED})"
"""The condition for rows of exports that wait or run."""

KEPT_ROWS: Final = "clean_at IS NOT NULL"
"""The condition for rows whose files may still be in the store."""


class Export(SQLModel, table=True):
    """An export of service orders.

    ``attempt`` counts how often it was begun; whoever runs it may write only while this is the
    number with which it began. ``lease_until`` is when another process may begin it again.
    ``reveals`` says whether the file shows contacts. ``clean_at`` is when the files of all attempts
    are deleted, null afterwards. ``order_filter`` is the filter as the API takes it.
    """

    __table_args__ = (
        within_tenant("requested_by_id", "employee"),
        Index(
            "ix_export_lease",
            "lease_until",
            sqlite_where=text(UNFINISHED_ROWS),
            postgresql_where=text(UNFINISHED_ROWS),
        ),
        Index(
            "ix_export_unfinished",
            "merchant_id",
            sqlite_where=text(UNFINISHED_ROWS),
            postgresql_where=text(UNFINISHED_ROWS),
        ),
        Index(
            "ix_export_clean",
            "clean_at",
            sqlite_where=text(KEPT_ROWS),
            postgresql_where=text(KEPT_ROWS),
        ),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    status: ExportStatus = enum(ExportStatus)
    format: ExportFormat = enum(ExportFormat)
    language: Language = enum(Language)
    chosen_columns: list[str] = json(default_factory=list)
    order_filter: Stored | None = json(default=None)
    total: int
    rows_written: int = 0
    bytes: int | None = big(default=None)
    error: ExportError | None = enum(ExportError, default=None)
    reveals: bool = False
    requested_by_kind: ActorKind = enum(ActorKind)
    requested_by_id: int = big()
    requested_by: str = Field(max_length=64)
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    updated_at: datetime
    attempt: int = 0
    lease_until: datetime | None = None
    clean_at: datetime | None = None


exports = table_of(Export)
