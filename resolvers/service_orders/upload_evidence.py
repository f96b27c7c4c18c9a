"""Uploading one picture, so that a phone can retry each by itself."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.evidence import Picture
from models.database import add
from models.evidence import Evidence, evidence
from models.hold import hold
from models.queries import merchants
from resolvers.context import Context
from resolvers.tenancy import merchant_for

Key = tuple[int, str]


async def upload_evidence(context: Context, data: bytes, merchant_id: int | None) -> Key:
    """Store the picture once, whoever sends it again. Raises Refused."""
    merchant = merchant_for(context, merchant_id)
    async with context.read() as connection:
        await merchants.get(connection, merchant)
    picture = await context.pictures.keep(merchant, data)
    async with context.write() as connection:
        await hold(connection, "evidence", merchant, picture.sha256)
        if not await _is_known(connection, merchant, picture):
            await add(
                connection,
                Evidence(
                    merchant_id=merchant,
                    **picture.stored(),
                    uploaded_by_kind=context.viewer.kind,
                    uploaded_by_id=context.viewer.id,
                    uploaded_at=context.now,
                ),
            )
    return merchant, picture.sha256


async def _is_known(connection: AsyncConnection, merchant_id: int, picture: Picture) -> bool:
    found = await connection.execute(
        sa.select(evidence.c.bytes).where(
            evidence.c.merchant_id == merchant_id, evidence.c.sha256 == picture.sha256
        )
    )
    return found.one_or_none() is not None
