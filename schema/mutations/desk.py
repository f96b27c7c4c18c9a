"""What the desk's staff and the customers do with service orders."""

from typing import Annotated

import strawberry
from starlette.datastructures import UploadFile

from domain.evidence import MAX_PIXELS, PICTURE_BYTES_LIMIT
from domain.permissions import Permission
from domain.reviews import MAX_NOTE
from domain.words import MAX_REF, optional_words, words
from execution.sources import object_source
from resolvers.service_orders.cancel import cancel
from resolvers.service_orders.close import close
from resolvers.service_orders.note import note
from resolvers.service_orders.receive import receive
from resolvers.service_orders.respond import respond
from resolvers.service_orders.reveal_contact import reveal_contact
from resolvers.service_orders.review import review
from resolvers.service_orders.review_many import review_many
from resolvers.service_orders.ship import ship
from resolvers.service_orders.upload_evidence import upload_evidence
from schema import ids, visible
from schema.fields import Info, mutation
from schema.idempotency import key_field, replayed_field
from schema.scalars import Money
from schema.types.application import CustomerContact
from schema.types.evidence import Evidence
from schema.types.merchant import postal
from schema.types.payload import Input, ServiceOrderPayload, changed, refusals_field
from schema.types.refusal import Refusal
from schema.types.review import (
    EXPECTED_VERSION,
    ReviewPlanInput,
    ReviewResult,
    ReviewServiceOrderInput,
    decision_of,
    pictures,
    results_of,
)
from schema.types.service_order import ServiceOrder


@strawberry.input(description="A picture to upload.")
class UploadEvidenceInput:
    """An upload."""

    file: UploadFile = strawberry.field(
        description=(
            f"JPEG, PNG or WebP, smaller than {PICTURE_BYTES_LIMIT:,} bytes and of at most "
            f"{MAX_PIXELS:,} pixels, sent by the GraphQL multipart request specification."
        )
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="For which merchant; a storefront that serves several must say it.",
    )


@strawberry.type(description="A picture that was stored.")
class UploadEvidencePayload:
    """An upload's payload."""

    evidence: Evidence | None = strawberry.field(
        default=None, description="The picture; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="A batch of reviews.")
class ReviewServiceOrdersInput(ReviewPlanInput):
    """A batch, and how it is to be carried out."""

    atomic: bool = strawberry.field(
        default=False,
        description="True decides all orders or none; by default each is decided by itself.",
    )
    plan_token: str | None = strawberry.field(
        default=None,
        description="From `reviewPlan`: refuse the batch if anything it showed has changed.",
    )
    idempotency_key: str | None = key_field()


@strawberry.type(description="What became of a batch.")
class ReviewServiceOrdersPayload:
    """A batch's payload."""

    results: list[ReviewResult] = strawberry.field(
        default_factory=list,
        description="A result for each order, in the order of `ids`; empty if refused whole.",
    )
    replayed: bool = strawberry.field(
        default=False,
        description=(
            "Whether this batch came before, with the same `idempotencyKey`. What was decided then "
            "is `replayed` in `results`; only what was refused then is tried again."
        ),
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="What to do with one order.")
class OneOrderInput:
    """What every step with one order takes."""

    id: strawberry.ID = strawberry.field(description="Which order.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which order a customer withdraws.")
class CancelServiceOrderInput(OneOrderInput):
    """A withdrawal."""

    reason: str | None = strawberry.field(
        default=None, description=f"Why, up to {MAX_NOTE} characters."
    )


@strawberry.input(description="An internal note.")
class AddNoteInput(OneOrderInput):
    """A note."""

    text: str = strawberry.field(
        description=f"The note, up to {MAX_NOTE} characters; customers never see it."
    )


@strawberry.input(description="A customer's answer: text, pictures or both.")
class RespondInput(OneOrderInput):
    """An answer."""

    text: str | None = strawberry.field(
        default=None, description=f"The answer, up to {MAX_NOTE} characters."
    )
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Pictures that the customer uploaded themselves; three at most.",
    )


@strawberry.input(description="How the goods come to the merchant.")
class ShipServiceOrderInput(OneOrderInput):
    """A customer's shipment."""

    carrier: str = strawberry.field(description="By whom they are sent.")
    waybill: str = strawberry.field(description="The waybill.")
    freight: Money | None = strawberry.field(default=None, description="What it cost, in yuan.")


@strawberry.input(description="拆包登记. What was found when the parcel was opened.")
class ReceiveServiceOrderInput(OneOrderInput):
    """A receipt."""

    packing: str = strawberry.field(description="The state of the packing.")
    function: str = strawberry.field(description="Whether it works.")
    appearance: str = strawberry.field(description="How it looks.")
    accessories: str = strawberry.field(description="Whether everything is there.")
    invoice: str = strawberry.field(description="Whether the invoice is there.")
    remark: str | None = strawberry.field(default=None, description="Anything else.")


@strawberry.input(description="The end of a received order.")
class CloseServiceOrderInput(OneOrderInput):
    """A closing."""

    reason: str = strawberry.field(description=f"Why, up to {MAX_NOTE} characters.")


@strawberry.input(description="Whose contact to show.")
class RevealCustomerContactInput:
    """A reveal."""

    id: strawberry.ID = strawberry.field(description="Of which order.")
    idempotency_key: str | None = key_field()


@strawberry.type(description="A customer's contact, nothing masked.")
class RevealCustomerContactPayload:
    """A reveal's payload."""

    contact: CustomerContact | None = strawberry.field(
        default=None, description="The contact; null if it was refused."
    )
    service_order: ServiceOrder | None = strawberry.field(
        default=None, description="The order, whose timeline now says who looked."
    )
    replayed: bool = replayed_field()
    refusals: list[Refusal] = refusals_field()


def _order(info: Info, id_: str) -> int:
    return ids.within(info.context.merchant_id, "ServiceOrder", id_, "id")


@strawberry.type
class DeskMutations:
    """Mutations of service orders."""

    @mutation(Permission.REVIEW, Permission.APPLICATION_SUBMIT, Permission.CUSTOMER_ACT)
    async def upload_evidence(
        self, info: Info, input: Annotated[UploadEvidenceInput, Input]
    ) -> UploadEvidencePayload:
        """Upload one picture. The same picture again is the same evidence."""
        merchant = ids.optional_merchant(input.merchant_id, "merchantId")
        key = await upload_evidence(info.context, await input.file.read(), merchant)
        return UploadEvidencePayload(evidence=object_source("Evidence", key))

    @mutation(Permission.REVIEW)
    async def review_service_order(
        self, info: Info, input: Annotated[ReviewServiceOrderInput, Input]
    ) -> ServiceOrderPayload:
        """Decide on one order: one of the five outcomes, with up to three pictures."""
        context = info.context
        acted = await review(
            context,
            _order(info, input.id),
            decision_of(input.decision, context),
            pictures=pictures(context, input.evidence_ids),
            expected_version=input.expected_version,
        )
        return changed(context, acted)

    @mutation(Permission.REVIEW)
    async def review_service_orders(
        self, info: Info, input: Annotated[ReviewServiceOrdersInput, Input]
    ) -> ReviewServiceOrdersPayload:
        """Take one decision on many orders. Each answers for itself; nothing is skipped."""
        context = info.context
        results = await review_many(
            context, input.read(context), atomic=input.atomic, plan_token=input.plan_token
        )
        return ReviewServiceOrdersPayload(results=results_of(context, results))

    @mutation(Permission.CUSTOMER_ACT)
    async def cancel_service_order(
        self, info: Info, input: Annotated[CancelServiceOrderInput, Input]
    ) -> ServiceOrderPayload:
        """The customer withdraws, at any time before the goods have come."""
        reason = optional_words(input.reason, "reason", longest=MAX_NOTE)
        acted = await cancel(
            info.context,
            _order(info, input.id),
            reason=reason,
            expected_version=input.expected_version,
        )
        return changed(info.context, acted)

    @mutation(Permission.CUSTOMER_ACT)
    async def respond_to_feedback(
        self, info: Info, input: Annotated[RespondInput, Input]
    ) -> ServiceOrderPayload:
        """The customer answers; the review clock goes on with what was left."""
        shortest = 0 if input.evidence_ids else 1
        text = words(input.text or "", "text", longest=MAX_NOTE, shortest=shortest)
        acted = await respond(
            info.context,
            _order(info, input.id),
            text=text or None,
            pictures=pictures(info.context, input.evidence_ids),
            expected_version=input.expected_version,
        )
        return changed(info.context, acted)

    @mutation(Permission.RECEIVE, Permission.CUSTOMER_ACT)
    async def ship_service_order(
        self, info: Info, input: Annotated[ShipServiceOrderInput, Input]
    ) -> ServiceOrderPayload:
        """The goods are on their way; told by the customer, or by the staff for them."""
        acted = await ship(
            info.context,
            _order(info, input.id),
            carrier=words(input.carrier, "carrier", longest=MAX_REF),
            waybill=words(input.waybill, "waybill", longest=MAX_REF),
            freight=None if input.freight is None else int(input.freight),
            expected_version=input.expected_version,
        )
        return changed(info.context, acted)

    @mutation(Permission.RECEIVE)
    async def receive_service_order(
        self, info: Info, input: Annotated[ReceiveServiceOrderInput, Input]
    ) -> ServiceOrderPayload:
        """拆包登记. The goods have come and were looked at."""
        names = ("packing", "function", "appearance", "accessories", "invoice", "remark")
        findings = {
            name: words(said, name, longest=MAX_NOTE)
            for name in names
            if (said := getattr(input, name)) is not None
        }
        acted = await receive(
            info.context,
            _order(info, input.id),
            findings,
            expected_version=input.expected_version,
        )
        return changed(info.context, acted)

    @mutation(Permission.PROCESS)
    async def close_service_order(
        self, info: Info, input: Annotated[CloseServiceOrderInput, Input]
    ) -> ServiceOrderPayload:
        """Finish a received order without exchange, repair or return."""
        reason = words(input.reason, "reason", longest=MAX_NOTE)
        acted = await close(
            info.context, _order(info, input.id), reason, expected_version=input.expected_version
        )
        return changed(info.context, acted)

    @mutation(Permission.NOTE)
    async def add_note(
        self, info: Info, input: Annotated[AddNoteInput, Input]
    ) -> ServiceOrderPayload:
        """Leave a note that only the staff sees, in any status."""
        text = words(input.text, "text", longest=MAX_NOTE)
        acted = await note(
            info.context, _order(info, input.id), text, expected_version=input.expected_version
        )
        return changed(info.context, acted)

    @mutation(Permission.CUSTOMER_CONTACT_READ)
    async def reveal_customer_contact(
        self, info: Info, input: Annotated[RevealCustomerContactInput, Input]
    ) -> RevealCustomerContactPayload:
        """Show a customer's phone and address. Who looked, and when, goes on the timeline."""
        key, contact = await reveal_contact(info.context, _order(info, input.id))
        return RevealCustomerContactPayload(
            contact=CustomerContact(
                name=contact.name,
                phone=contact.phone,
                address=postal(contact.address.stored()) if contact.address else None,
            ),
            service_order=visible.order(info.context.viewer, key),
        )
