"""Uploading a picture to an address of its own, and taking what arrived there as evidence."""

from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.queries import merchants
from resolvers.context import Context
from resolvers.pictures import too_large
from resolvers.service_orders.upload_evidence import EvidenceKey, upload_evidence
from resolvers.tenancy import merchant_for
from resolvers.uploads import Upload, UploadKey


async def prepare_upload(context: Context, merchant_id: int | None) -> Upload:
    """Open an upload. Raises Refused."""
    merchant = merchant_for(context, merchant_id)
    async with context.read() as connection:
        await merchants.get(connection, merchant)
    return await context.services.uploads.open(context.viewer, merchant)


async def finish_upload(context: Context, key: UploadKey) -> EvidenceKey:
    """Take what was sent as evidence, after the checks of every upload. Raises Refused."""
    uploads = context.services.uploads
    merchant = uploads.merchant_of(context.viewer, key)
    sent = None if merchant is None else await uploads.read(key)
    if sent is None:
        raise Refused(NotFound(kind="EvidenceUpload", path=("uploadId",)))
    data, size = sent
    if size > len(data):
        raise Refused(too_large(size, path="uploadId"))
    return await upload_evidence(context, data, merchant, path="uploadId")
