"""Cancelling an export."""

from domain.exports import CLEANED_AFTER, UNFINISHED, ExportStatus
from domain.refusals.exports import ExportOver
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.queries import exports
from resolvers.context import Context
from resolvers.exports.start import ExportKey


async def cancel_export(context: Context, id_: int) -> ExportKey:
    """Cancel an export that waits or runs. Raises Refused."""
    merchant_id, now = context.merchant_id, context.now
    async with context.write() as connection:
        while True:
            row = await exports.find(connection, merchant_id, id_)
            if row is None:
                raise Refused(NotFound(kind="Export", path=("id",)))
            if row.status not in UNFINISHED:
                raise Refused(ExportOver(export_status=row.status, path=("id",)))
            # It is not changed if a process begins it at the same time: then look again.
            if await exports.change(
                connection,
                row,
                statuses=UNFINISHED,
                status=ExportStatus.CANCELLED,
                finished_at=now,
                updated_at=now,
                lease_until=None,
                clean_at=now + CLEANED_AFTER,
            ):
                return merchant_id, id_
