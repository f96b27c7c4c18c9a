"""Mutations of the review: uploading evidence, and deciding on one or many service orders."""

import strawberry
from starlette.datastructures import UploadFile

from domain.desk.evidence import MAX_PIXELS, PICTURE_BYTES_LIMIT
from domain.permissions import Permission
from execution.sources import object_source
from resolvers.service_orders.review import review
from resolvers.service_orders.review_many import review_many
from resolvers.service_orders.upload_evidence import upload_evidence
from schema import ids
from schema.fields import Info, mutation
from schema.idempotency import key_field
from schema.types.decision_input import decision_of
from schema.types.evidence import Evidence
from schema.types.payload import refusals_field
from schema.types.queue_summary import QueueSummary, queue_summary_field
from schema.types.refusal import Refusal
from schema.types.review_input import ReviewPlanInput, ReviewServiceOrderInput, pictures
from schema.types.review_result import ReviewResult, results_of
from schema.types.step import ServiceOrderPayload, order_number, payload_of


@strawberry.input(description="A picture to upload.")
class UploadEvidenceInput:
    """An upload."""

    file: UploadFile = strawberry.field(
        description=(
            f"A JPEG, PNG or WebP file of fewer than {PICTURE_BYTES_LIMIT:,} bytes and at most "
            f"{MAX_PIXELS:,} pixels, sent as a GraphQL multipart request. Of an animation, the "
            "first frame is stored; a GIF is refused. The colours become those of sRGB."
        )
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the merchant. Required for a storefront that serves several.",
    )


@strawberry.type(description="The uploaded picture.")
class UploadEvidencePayload:
    """An upload's payload."""

    evidence: Evidence | None = strawberry.field(
        default=None, description="The picture. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="One review decision on many service orders.")
class ReviewServiceOrdersInput(ReviewPlanInput):
    """A batch, and how to run it."""

    atomic: bool = strawberry.field(
        default=False,
        description=(
            "If true, either all orders are decided or none. By default each order is decided "
            "independently."
        ),
    )
    plan_token: str | None = strawberry.field(
        default=None,
        description=(
            "The `planToken` of `reviewPlan`. If the data behind the plan has changed, the batch "
            "is refused with `PLAN_CHANGED`."
        ),
    )
    idempotency_key: str | None = key_field()


@strawberry.type(description="The results of a batch.")
class ReviewServiceOrdersPayload:
    """A batch's payload."""

    results: list[ReviewResult] = strawberry.field(
        default_factory=list,
        description=(
            "The result for each order, in the order of `ids`. Empty if the whole batch was "
            "refused."
        ),
    )
    replayed: bool = strawberry.field(
        default=False,
        description=(
            "Whether an earlier request with the same `idempotencyKey` ran this batch. Orders that "
            "it decided are `replayed` in `results`; orders that it refused are tried again."
        ),
    )
    queue_summary: QueueSummary | None = queue_summary_field()
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class ReviewMutations:
    """Mutations of the review."""

    @mutation(
        Permission.REVIEW,
        Permission.RECEIVE,
        Permission.APPLICATION_SUBMIT,
        Permission.CUSTOMER_ACT,
    )
    async def upload_evidence(
        self, info: Info, input: UploadEvidenceInput
    ) -> UploadEvidencePayload:
        """Uploads a picture. Uploading the same picture again returns the same evidence."""
        merchant = ids.optional_merchant(input.merchant_id, "merchantId")
        key = await upload_evidence(info.context, await input.file.read(), merchant)
        return UploadEvidencePayload(evidence=object_source("Evidence", key))

    @mutation(Permission.REVIEW)
    async def review_service_order(
        self, info: Info, input: ReviewServiceOrderInput
    ) -> ServiceOrderPayload:
        """Decides on one service order, with up to three pictures as evidence."""
        context = info.context
        outcome = await review(
            context,
            order_number(context, input.id),
            decision_of(input.decision, context),
            pictures=pictures(context, input.evidence_ids),
            expected_version=input.expected_version,
        )
        return payload_of(context, outcome)

    @mutation(Permission.REVIEW)
    async def review_service_orders(
        self, info: Info, input: ReviewServiceOrdersInput
    ) -> ReviewServiceOrdersPayload:
        """Makes one decision on many service orders. The answer has a result for each order."""
        context = info.context
        results = await review_many(
            context, input.read(context), atomic=input.atomic, plan_token=input.plan_token
        )
        return ReviewServiceOrdersPayload(results=results_of(context, results))
