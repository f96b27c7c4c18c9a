"""Mutations of uploads that go past GraphQL, to an address of their own."""

from datetime import datetime

import strawberry

from domain.desk.evidence import MAX_PIXELS, PICTURE_BYTES_LIMIT
from domain.permissions import Permission
from execution.sources import object_source
from resolvers.service_orders.direct_upload import finish_upload, prepare_upload
from resolvers.uploads import Upload, UploadKey
from schema import ids
from schema.fields import Info, mutation
from schema.types.evidence import Evidence
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal


@strawberry.type(
    description="An address to send one picture to, with PUT, without a token or other headers."
)
class EvidenceUpload:
    """An upload that was prepared."""

    id: strawberry.ID = strawberry.field(
        description="The id of the upload, for `finishEvidenceUpload`. Good for an hour."
    )
    url: str = strawberry.field(
        description=(
            "The address: of the store itself where that is S3, or of this server. Send the bytes "
            "of the file as the body of a PUT, with its media type as `Content-Type`. What is sent "
            "again replaces what was sent before."
        )
    )
    expires_at: datetime = strawberry.field(description="When the address stops taking a picture.")

    @classmethod
    def of(cls, upload: Upload) -> "EvidenceUpload":
        id_ = ids.encode("EvidenceUpload", *upload.key)
        return cls(id=strawberry.ID(id_), url=upload.url, expires_at=upload.expires_at)


@strawberry.input(description="The upload to prepare.")
class PrepareEvidenceUploadInput:
    """An upload to prepare."""

    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the merchant. Required for a storefront that serves several.",
    )


@strawberry.type(description="The prepared upload.")
class PrepareEvidenceUploadPayload:
    """The payload of a preparation."""

    upload: EvidenceUpload | None = strawberry.field(
        default=None, description="The upload. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="The upload to finish.")
class FinishEvidenceUploadInput:
    """An upload to finish."""

    upload_id: strawberry.ID = strawberry.field(
        description=(
            "The id of an upload that the viewer has prepared and whose file was sent: a JPEG, PNG "
            f"or WebP file of fewer than {PICTURE_BYTES_LIMIT:,} bytes and at most {MAX_PIXELS:,} "
            "pixels, as with `uploadEvidence`."
        )
    )


@strawberry.type(description="The picture that was sent.")
class FinishEvidenceUploadPayload:
    """The payload of the end of an upload."""

    evidence: Evidence | None = strawberry.field(
        default=None, description="The picture. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class UploadMutations:
    """Mutations of uploads."""

    @mutation(
        Permission.REVIEW,
        Permission.RECEIVE,
        Permission.APPLICATION_SUBMIT,
        Permission.CUSTOMER_ACT,
    )
    async def prepare_evidence_upload(
        self, info: Info, input: PrepareEvidenceUploadInput
    ) -> PrepareEvidenceUploadPayload:
        """准备上传. Returns an address to send a picture to.

        Send the picture there, then take it as evidence with `finishEvidenceUpload`. A file that
        is not taken is deleted after two hours.
        """
        merchant = ids.optional_merchant(input.merchant_id, "merchantId")
        upload = await prepare_upload(info.context, merchant)
        return PrepareEvidenceUploadPayload(upload=EvidenceUpload.of(upload))

    @mutation(
        Permission.REVIEW,
        Permission.RECEIVE,
        Permission.APPLICATION_SUBMIT,
        Permission.CUSTOMER_ACT,
    )
    async def finish_evidence_upload(
        self, info: Info, input: FinishEvidenceUploadInput
    ) -> FinishEvidenceUploadPayload:
        """完成上传. Takes what was sent to a prepared address as evidence.

        It is refused for the same reasons as with `uploadEvidence`, and with `NOT_FOUND` if nothing
        has arrived, if the upload is another viewer's, or if its hour is over. Finishing again
        returns the same evidence.
        """
        upload = UploadKey(*ids.upload_of(input.upload_id, "uploadId"))
        key = await finish_upload(info.context, upload)
        return FinishEvidenceUploadPayload(evidence=object_source("Evidence", key))
