"""The mutations with which a merchant mends a decision of its own: a rejection or an approval."""

import strawberry

from domain.desk.reviews import MAX_NOTE
from domain.permissions import Permission
from domain.words import optional_words, words
from resolvers.service_orders.change_return_address import change_return_address
from resolvers.service_orders.reopen import reopen
from resolvers.service_orders.withdraw_approval import withdraw_approval
from schema import ids
from schema.fields import Info, mutation
from schema.types.step import ServiceOrderPayload, StepInput, order_number, payload_of

_LIMIT = f"At most {MAX_NOTE} characters."
_CUSTOMER_NOTE = f"The message to the customer. {_LIMIT}"


@strawberry.input(description="The decision to take back, and why.")
class TakeBackInput(StepInput):
    """A decision that was a mistake."""

    reason: str = strawberry.field(
        description=f"The reason. An internal note: customers never see it. {_LIMIT}"
    )
    customer_note: str | None = strawberry.field(default=None, description=_CUSTOMER_NOTE)


@strawberry.input(description="The new return address of an approved service order.")
class ChangeReturnAddressInput(StepInput):
    """An address."""

    return_address_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The new return address. Leave out for the address that the merchant's rules name now."
        ),
    )
    customer_note: str | None = strawberry.field(default=None, description=_CUSTOMER_NOTE)


@strawberry.type
class MendingMutations:
    """Mutations that mend decisions."""

    @mutation(Permission.REVIEW)
    async def reopen_service_order(self, info: Info, input: TakeBackInput) -> ServiceOrderPayload:
        """撤回驳回. Takes a rejection back within 7 days, once for an order.

        The order waits for review again, with a new clock of 48 hours. The customer sees that, and
        not the reason.
        """
        outcome = await reopen(
            info.context,
            order_number(info.context, input.id),
            reason=words(input.reason, "reason", longest=MAX_NOTE),
            customer_note=optional_words(input.customer_note, "customerNote", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.REVIEW)
    async def withdraw_approval(self, info: Info, input: TakeBackInput) -> ServiceOrderPayload:
        """撤回同意. Withdraws an approval while the customer has not sent the goods.

        The order waits for review again, with the time that was left when it was approved. An
        approval by the system, or after the review deadline, stands. The customer sees the
        withdrawal, and not the reason.
        """
        outcome = await withdraw_approval(
            info.context,
            order_number(info.context, input.id),
            reason=words(input.reason, "reason", longest=MAX_NOTE),
            customer_note=optional_words(input.customer_note, "customerNote", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.REVIEW)
    async def change_return_address(
        self, info: Info, input: ChangeReturnAddressInput
    ) -> ServiceOrderPayload:
        """更改退货地址. Changes the return address of an approved order, until it is sent.

        The customer's timeline shows the new address.
        """
        context, address = info.context, None
        if input.return_address_id is not None:
            merchant, id_ = context.merchant_id, input.return_address_id
            address = ids.within(merchant, "ReturnAddress", id_, "returnAddressId")
        outcome = await change_return_address(
            context,
            order_number(context, input.id),
            return_address_id=address,
            customer_note=optional_words(input.customer_note, "customerNote", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(context, outcome)
