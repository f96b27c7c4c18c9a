"""Exports of service orders."""

from datetime import datetime
from typing import Any

import strawberry

from domain.export_columns import COLUMNS, ExportColumn
from domain.exports import (
    ExportError,
    ExportFormat,
    ExportStatus,
    file_name,
    needed_permissions,
)
from domain.text import Text
from models.export import exports
from resolvers.context import Context
from schema import ids
from schema.acting import acting
from schema.enums import described
from schema.fields import column, computed, projected
from schema.types.actor import Actor

described(
    ExportFormat,
    "The format of an export's file.",
    {
        ExportFormat.CSV: (
            "CSV 表格. Text by RFC 4180 in UTF-8 with a byte order mark. Enum values are shown by "
            "name, and instants in the merchant's time zone. A cell that a spreadsheet program "
            "could take for a formula begins with an apostrophe."
        ),
        ExportFormat.XLSX: (
            "Excel 表格. A workbook with one sheet. Names and instants are as in `CSV`. No cell is "
            "a formula."
        ),
        ExportFormat.NDJSON: (
            "逐行 JSON. One JSON object per line. Keys are the names of the columns, enum values "
            "are codes, and instants have their offset. Texts are as stored."
        ),
    },
)
described(
    ExportError,
    "Why an export failed.",
    {
        ExportError.PERMISSION_WITHDRAWN: Text(
            "权限已收回",
            "The person who requested it lost a required permission while it ran",
        ),
        ExportError.TOO_MANY_ROWS: Text(
            "行数过多", "After the request, more orders matched than an export may have"
        ),
        ExportError.INTERRUPTED: Text(
            "多次中断", "It was started several times, and interrupted each time"
        ),
        ExportError.INTERNAL: Text("内部错误", "The server had an error, and logged it"),
    },
)
described(
    ExportColumn,
    "A column of an export. Its title is in the language of the request. Unless the export "
    "reveals contacts, `CONTACT_NAME` and `CONTACT_PHONE` are masked, and `CONTACT_ADDRESS` is "
    "empty.",
    {column_: entry.title for column_, entry in COLUMNS.items()},
)


def _url(
    context: Context,
    merchant_id: int,
    id_: int,
    attempt: int,
    format_: ExportFormat,
    status: ExportStatus,
    expires_at: datetime | None,
    reveals: bool,  # noqa: FBT001 - the value of a column
) -> str | None:
    may_read = all(map(context.viewer.may, needed_permissions(reveals=reveals)))
    if status is not ExportStatus.DONE or expires_at is None or not may_read:
        return None
    if expires_at <= context.now:
        return None
    name = file_name(id_, attempt, format_)
    return context.services.exports.url(merchant_id, name, expires_at)


def _size(stored: int | None) -> float | None:
    return None if stored is None else float(stored)  # `Int` ends at 2 GiB


def _columns(stored: list[Any]) -> list[ExportColumn]:  # Any: JSON
    return [ExportColumn(value) for value in stored]


@projected(exports)
@strawberry.type(
    description=(
        "导出. An export of service orders: a job that writes a file. `exportChanged` sends "
        "its progress."
    )
)
class Export:
    """An export."""

    id: strawberry.ID = computed(
        ids.of_tenant("Export"), (exports.c.merchant_id, exports.c.id), "The globally unique id."
    )
    status: ExportStatus = column(exports.c.status, "The current status.")
    format: ExportFormat = column(exports.c.format, "The format of the file.")
    columns: list[ExportColumn] = column(
        exports.c.chosen_columns, "The columns of the file, in their order.", _columns
    )
    total: int = column(
        exports.c.total,
        "The number of orders that matched at the time of the request. The file can have more or "
        "fewer rows if orders change while it is written.",
    )
    rows_written: int = column(
        exports.c.rows_written,
        "The number of rows written so far. It starts again from 0 if another process "
        "restarts the export.",
    )
    bytes: float | None = column(
        exports.c.bytes, "The size of the file in bytes. Null until it is done.", _size
    )
    reveals_contacts: bool = column(
        exports.c.reveals,
        "Whether the file shows contacts (客户联系方式) unmasked. If so, the timeline of each "
        "order in it has a `CONTACT_REVEALED` event.",
    )
    error: ExportError | None = column(
        exports.c.error, "Why the export failed. Null unless it did."
    )
    requested_by: Actor = acting(
        exports.c.requested_by_kind,
        exports.c.requested_by,
        exports.c.requested_by_id,
        "The person who requested the export.",
        exports.c.merchant_id,
    )
    created_at: datetime = column(exports.c.created_at, "When the export was requested.")
    started_at: datetime | None = column(
        exports.c.started_at, "When the export first started. Null until then."
    )
    finished_at: datetime | None = column(
        exports.c.finished_at, "When the export finished, failed or was cancelled. Null until then."
    )
    expires_at: datetime | None = column(
        exports.c.expires_at,
        "When the file is deleted, a day after the export finished. Null until it is done.",
    )
    updated_at: datetime = column(
        exports.c.updated_at, "When the export last changed, its progress included."
    )
    url: str | None = computed(
        _url,
        (
            exports.c.merchant_id,
            exports.c.id,
            exports.c.attempt,
            exports.c.format,
            exports.c.status,
            exports.c.expires_at,
            exports.c.reveals,
        ),
        "The signed address of the file, which needs no token and is valid until `expiresAt`. Null "
        "unless the export is done and has not expired, and for viewers without "
        "`SERVICE_ORDER_READ`, or without `CUSTOMER_CONTACT_READ` if the file shows contacts.",
    )
