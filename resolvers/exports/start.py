"""Asking for an export of service orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.export_columns import ExportColumn
from domain.exports import MAX_ROWS, MAX_UNFINISHED, ExportFormat, ExportStatus
from domain.permissions import Permission
from domain.refusals.exports import ExportTooLarge, TooManyExports
from domain.refusals.general import MissingPermission
from domain.refusals.refusal import Refused
from models.columns import Stored
from models.export import Export
from models.ids import new_id
from models.queries import export_rows, exports
from models.queries.export_rows import Matching
from models.tables import add
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay

ExportKey = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What to export. ``matching`` are the orders of the stored filter."""

    columns: Sequence[ExportColumn]
    format: ExportFormat
    stored_filter: Stored | None
    matching: Matching


async def start_export(context: Context, request: ExportRequest) -> ExportKey:
    """Raises Refused."""
    require_reading(context)
    merchant_id, id_ = context.merchant_id, new_id()
    async with context.read() as connection:  # counting must not hold SQLite's write lock
        total = await export_rows.count(connection, request.matching, most=MAX_ROWS + 1)
    async with context.write() as connection:
        earlier = await claim_or_replay(connection, context, result={"id": id_})
        if earlier is not None:
            return merchant_id, int(earlier["id"])
        if total > MAX_ROWS:
            raise Refused(ExportTooLarge(limit=MAX_ROWS, path=("filter",)))
        await lock(connection, "exports", merchant_id)
        if await exports.count_unfinished(connection, merchant_id) >= MAX_UNFINISHED:
            raise Refused(TooManyExports(limit=MAX_UNFINISHED))
        await _add(connection, context, request, id_, total)
    return merchant_id, id_


def require_reading(context: Context) -> None:
    """Raises Refused: an export holds the rows that its reader may read anyway."""
    if not context.viewer.may(Permission.SERVICE_ORDER_READ):
        raise Refused(MissingPermission(permission=Permission.SERVICE_ORDER_READ))


async def _add(
    connection: AsyncConnection, context: Context, request: ExportRequest, id_: int, total: int
) -> None:
    viewer, now = context.viewer, context.now
    export = Export(
        merchant_id=context.merchant_id,
        id=id_,
        status=ExportStatus.QUEUED,
        format=request.format,
        language=context.language,
        chosen_columns=list(request.columns),
        order_filter=request.stored_filter,
        total=total,
        requested_by_kind=viewer.kind,
        requested_by_id=viewer.id,
        requested_by=viewer.name,
        created_at=now,
        updated_at=now,
        lease_until=now,
    )
    await add(connection, export)
