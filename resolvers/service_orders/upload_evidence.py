"""Uploading one picture per request, so that a phone can retry each one separately."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from models.evidence import Evidence, EvidenceUpload, evidence, evidence_uploads, picture_erasures
from models.queries import merchants
from models.tables import add
from resolvers.context import Context
from resolvers.tenancy import merchant_for

EvidenceKey = tuple[int, str]


async def upload_evidence(
    context: Context, data: bytes, merchant_id: int | None, *, path: str = "file"
) -> EvidenceKey:
    """Store the picture once per merchant, and one upload per uploader.

    Raises Refused, with ``path`` as the input at fault.
    """
    merchant = merchant_for(context, merchant_id)
    async with context.read() as connection:
        await merchants.get(connection, merchant)
    uploader = context.viewer.number
    picture = await context.services.pictures.put(merchant, data, uploader, path=path)
    upload = EvidenceUpload(
        merchant_id=merchant,
        sha256=picture.sha256,
        uploader_kind=context.viewer.kind,
        uploader_id=context.viewer.id,
        customer_ref=context.viewer.customer_ref or "",
        uploaded_at=context.now,
    )
    async with context.write() as connection:
        await lock(connection, "evidence", merchant, picture.sha256)
        if not await _has_row(connection, evidence, upload):
            await add(
                connection,
                Evidence(
                    merchant_id=merchant,
                    **picture.stored(),
                    uploaded_by_kind=upload.uploader_kind,
                    uploaded_by_id=upload.uploader_id,
                    uploaded_at=upload.uploaded_at,
                ),
            )
        if not await _has_row(connection, evidence_uploads, upload):
            await add(connection, upload)
        if await _leave_queue(connection, merchant, picture.sha256):
            # Its file may have been deleted after it was stored above.
            await context.services.pictures.put(merchant, data, context.viewer.number)
    return merchant, picture.sha256


async def _leave_queue(connection: AsyncConnection, merchant_id: int, sha256: str) -> bool:
    """Take the picture from the queue of those that are to be erased; whether it was there."""
    queue = picture_erasures.c
    rows = await connection.execute(
        sa.delete(picture_erasures)
        .where(queue.merchant_id == merchant_id, queue.sha256 == sha256)
        .returning(queue.sha256)
    )
    return rows.one_or_none() is not None


async def _has_row(connection: AsyncConnection, table: sa.Table, upload: EvidenceUpload) -> bool:
    """Whether the table has a row with the upload's primary key."""
    key = [column == getattr(upload, column.name) for column in table.primary_key]
    rows = await connection.execute(sa.select(sa.literal(1)).select_from(table).where(*key))
    return rows.one_or_none() is not None
