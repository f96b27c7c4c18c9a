"""Mutations of enrolments, by merchants and by the platform, and of return addresses."""

import strawberry

from domain.desk.reviews import MAX_NOTE
from domain.enrolment import EnrolmentStep
from domain.permissions import Permission
from domain.words import optional_words
from execution.sources import object_source
from resolvers.enrolment.addresses import delete_address, save_address
from resolvers.enrolment.apply import apply
from resolvers.enrolment.review import review_enrolment
from schema import ids
from schema.fields import Info, mutation
from schema.idempotency import key_field, replayed_field
from schema.types.merchant import AddressInput, Enrolment, ReturnAddress
from schema.types.payload import DeletedPayload, refusals_field
from schema.types.refusal import Refusal


@strawberry.input(description="The return address to add or change.")
class SaveReturnAddressInput:
    """A return address."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the address to change. Leave out to add an address."
    )
    address: AddressInput = strawberry.field(description="The complete address.")
    make_default: bool = strawberry.field(
        default=False,
        description=(
            "Whether to make it the default address. The first address always becomes the default."
        ),
    )
    idempotency_key: str | None = key_field()


@strawberry.type(description="The saved return address.")
class SaveReturnAddressPayload:
    """A saved address."""

    return_address: ReturnAddress | None = strawberry.field(
        default=None, description="The address. Null if the request was refused."
    )
    replayed: bool = replayed_field()
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="The return address to delete.")
class DeleteReturnAddressInput:
    """A deletion."""

    id: strawberry.ID = strawberry.field(description="The id of the address.")


@strawberry.input(description="An application for enrolment.")
class ApplyForEnrolmentInput:
    """An application."""

    return_address: AddressInput | None = strawberry.field(
        default=None,
        description=(
            "The default return address to save. Optional if the merchant already has an address."
        ),
    )


@strawberry.type(description="The changed enrolment.")
class EnrolmentPayload:
    """An enrolment's payload."""

    enrolment: Enrolment | None = strawberry.field(
        default=None, description="The enrolment. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="The merchant whose enrolment to approve.")
class ApproveEnrolmentInput:
    """An admission."""

    merchant_id: strawberry.ID = strawberry.field(description="The id of the merchant.")


@strawberry.input(description="A merchant and the reason for the decision.")
class EnrolmentReasonInput:
    """A merchant and a reason."""

    merchant_id: strawberry.ID = strawberry.field(description="The id of the merchant.")
    reason: str = strawberry.field(
        description=f"The reason, which the merchant can read. At most {MAX_NOTE} characters."
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
    return EnrolmentPayload(enrolment=object_source("Enrolment", (merchant,)))


@strawberry.type
class EnrolmentMutations:
    """Mutations of enrolments and return addresses."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def save_return_address(
        self, info: Info, input: SaveReturnAddressInput
    ) -> SaveReturnAddressPayload:
        """Adds or changes a return address. Approved orders keep their copy of the address."""
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
        return SaveReturnAddressPayload(return_address=object_source("ReturnAddress", key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def delete_return_address(
        self, info: Info, input: DeleteReturnAddressInput
    ) -> DeletedPayload:
        """Deletes a return address. An enabled merchant cannot delete its default address."""
        merchant = info.context.merchant_id
        await delete_address(info.context, ids.within(merchant, "ReturnAddress", input.id, "id"))
        return DeletedPayload(done=True, deleted_id=input.id)

    @mutation(Permission.SETTINGS_MANAGE)
    async def apply_for_enrolment(
        self, info: Info, input: ApplyForEnrolmentInput
    ) -> EnrolmentPayload:
        """开通自主售后. Applies for enrolment, for the first time or after a rejection."""
        address = input.return_address and input.return_address.read("returnAddress")
        merchant = await apply(info.context, address or None)
        return EnrolmentPayload(enrolment=object_source("Enrolment", (merchant,)))

    @mutation(Permission.ENROLMENT_REVIEW)
    async def approve_enrolment(self, info: Info, input: ApproveEnrolmentInput) -> EnrolmentPayload:
        """Approves a merchant's application for enrolment."""
        return await _step(info, EnrolmentStep.APPROVE, input.merchant_id)

    @mutation(Permission.ENROLMENT_REVIEW)
    async def reject_enrolment(self, info: Info, input: EnrolmentReasonInput) -> EnrolmentPayload:
        """Rejects a merchant's application for enrolment. The merchant may apply again."""
        return await _step(info, EnrolmentStep.REJECT, input.merchant_id, input.reason)

    @mutation(Permission.ENROLMENT_REVIEW)
    async def suspend_merchant(self, info: Info, input: EnrolmentReasonInput) -> EnrolmentPayload:
        """Suspends a merchant: its staff cannot process orders. Order clocks keep running."""
        return await _step(info, EnrolmentStep.SUSPEND, input.merchant_id, input.reason)

    @mutation(Permission.ENROLMENT_REVIEW)
    async def resume_merchant(self, info: Info, input: EnrolmentReasonInput) -> EnrolmentPayload:
        """Ends the suspension of a merchant."""
        return await _step(info, EnrolmentStep.RESUME, input.merchant_id, input.reason)
