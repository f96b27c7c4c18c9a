"""Enrolling, deciding on enrolments, and return addresses."""

import strawberry

from domain.enrolment import EnrolmentStep
from domain.permissions import Permission
from domain.reviews import MAX_NOTE
from domain.words import optional_words
from execution.answers import one
from resolvers.enrolment.addresses import delete_address, save_address
from resolvers.enrolment.apply import apply
from resolvers.enrolment.review import review_enrolment
from schema import ids
from schema.fields import Info, mutation
from schema.idempotency import key_field, replayed_field
from schema.types.merchant import AddressInput, Enrolment, ReturnAddress
from schema.types.payload import DonePayload, refusals_field
from schema.types.refusal import Refusal


@strawberry.input(description="A return address to add or to change.")
class SaveReturnAddressInput:
    """A return address."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description="Which address to change; leave it out to add one."
    )
    address: AddressInput = strawberry.field(description="The whole address.")
    make_default: bool = strawberry.field(
        default=False, description="Make it the default; a merchant's first address always is."
    )
    idempotency_key: str | None = key_field()


@strawberry.type(description="A return address that was saved.")
class SaveReturnAddressPayload:
    """A saved address."""

    return_address: ReturnAddress | None = strawberry.field(
        default=None, description="The address; null if it was refused."
    )
    replayed: bool = replayed_field()
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="Which return address to delete.")
class DeleteReturnAddressInput:
    """A deletion."""

    id: strawberry.ID = strawberry.field(description="Which address.")


@strawberry.input(description="An application for admission.")
class ApplyForEnrolmentInput:
    """An application."""

    return_address: AddressInput | None = strawberry.field(
        default=None,
        description="Saved as the default first; can be left out if there is an address already.",
    )


@strawberry.type(description="An enrolment that has moved on.")
class EnrolmentPayload:
    """An enrolment's payload."""

    enrolment: Enrolment | None = strawberry.field(
        default=None, description="The enrolment; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="Which merchant to admit.")
class ApproveEnrolmentInput:
    """An admission."""

    merchant_id: strawberry.ID = strawberry.field(description="Which merchant.")


@strawberry.input(description="A step with a merchant's enrolment that takes a reason.")
class EnrolmentReasonInput:
    """A merchant and a reason."""

    merchant_id: strawberry.ID = strawberry.field(description="Which merchant.")
    reason: str = strawberry.field(
        description=f"Why, up to {MAX_NOTE} characters; the merchant reads it."
    )


async def _step(
    info: Info, step: EnrolmentStep, merchant_id: str, reason: str | None = None
) -> EnrolmentPayload:
    merchant = await review_enrolment(
        info.context,
        ids.merchant_of(merchant_id, "merchantId"),
        step,
        reason=optional_words(reason, "reason", longest=MAX_NOTE),
    )
    return EnrolmentPayload(enrolment=one("Enrolment", (merchant,)))


@strawberry.type
class EnrolmentMutations:
    """Mutations of merchants' settings and admission."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def save_return_address(
        self, info: Info, input: SaveReturnAddressInput
    ) -> SaveReturnAddressPayload:
        """Add a return address, or change one. Approved orders keep what they were told."""
        context = info.context
        id_ = None
        if input.id is not None:
            id_ = ids.within(context.merchant_id, "ReturnAddress", input.id, "id")
        key = await save_address(
            context,
            input.address.read("address"),
            id_=id_,
            make_default=input.make_default,
        )
        return SaveReturnAddressPayload(return_address=one("ReturnAddress", key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def delete_return_address(
        self, info: Info, input: DeleteReturnAddressInput
    ) -> DonePayload:
        """Delete a return address; the default stays while the merchant is enabled."""
        merchant = info.context.merchant_id
        await delete_address(info.context, ids.within(merchant, "ReturnAddress", input.id, "id"))
        return DonePayload(done=True)

    @mutation(Permission.SETTINGS_MANAGE)
    async def apply_for_enrolment(
        self, info: Info, input: ApplyForEnrolmentInput
    ) -> EnrolmentPayload:
        """开通自主售后. Apply for admission, again after a rejection too."""
        address = input.return_address and input.return_address.read("returnAddress")
        merchant = await apply(info.context, address or None)
        return EnrolmentPayload(enrolment=one("Enrolment", (merchant,)))

    @mutation(Permission.ENROLMENT_REVIEW)
    async def approve_enrolment(self, info: Info, input: ApproveEnrolmentInput) -> EnrolmentPayload:
        """Admit a merchant that has applied."""
        return await _step(info, EnrolmentStep.APPROVE, input.merchant_id)

    @mutation(Permission.ENROLMENT_REVIEW)
    async def reject_enrolment(self, info: Info, input: EnrolmentReasonInput) -> EnrolmentPayload:
        """Turn down a merchant that has applied; it may apply again."""
        return await _step(info, EnrolmentStep.REJECT, input.merchant_id, input.reason)

    @mutation(Permission.ENROLMENT_REVIEW)
    async def suspend_merchant(self, info: Info, input: EnrolmentReasonInput) -> EnrolmentPayload:
        """Stop a merchant's work on its orders; their clocks keep running."""
        return await _step(info, EnrolmentStep.SUSPEND, input.merchant_id, input.reason)

    @mutation(Permission.ENROLMENT_REVIEW)
    async def resume_merchant(self, info: Info, input: EnrolmentReasonInput) -> EnrolmentPayload:
        """Let a suspended merchant go on."""
        return await _step(info, EnrolmentStep.RESUME, input.merchant_id, input.reason)
