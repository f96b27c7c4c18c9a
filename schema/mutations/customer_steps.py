"""The steps that a customer takes: withdraw, answer a question."""

import strawberry

from domain.desk.reviews import MAX_NOTE
from domain.permissions import Permission
from domain.words import optional_words, words
from resolvers.service_orders.cancel import cancel
from resolvers.service_orders.respond import respond
from schema.fields import Info, mutation
from schema.types.review_input import pictures
from schema.types.step import ServiceOrderPayload, StepInput, order_number, payload_of


@strawberry.input(description="The withdrawal of a service order by the customer.")
class CancelServiceOrderInput(StepInput):
    """A withdrawal."""

    reason: str | None = strawberry.field(
        default=None, description=f"The customer's reason. At most {MAX_NOTE} characters."
    )


@strawberry.input(description="The customer's answer to a question: text, pictures or both.")
class RespondInput(StepInput):
    """An answer."""

    text: str | None = strawberry.field(
        default=None,
        description=f"The answer. At most {MAX_NOTE} characters. Required without pictures.",
    )
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="The ids of at most three pictures, uploaded by the customer or by the staff "
        "who record the answer.",
    )


@strawberry.type
class CustomerStepMutations:
    """Mutations of customers."""

    @mutation(Permission.CUSTOMER_ACT)
    async def cancel_service_order(
        self, info: Info, input: CancelServiceOrderInput
    ) -> ServiceOrderPayload:
        """Withdraws a service order for the customer, before the merchant receives the goods."""
        outcome = await cancel(
            info.context,
            order_number(info.context, input.id),
            reason=optional_words(input.reason, "reason", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.REVIEW, Permission.CUSTOMER_ACT)
    async def respond_to_feedback(self, info: Info, input: RespondInput) -> ServiceOrderPayload:
        """Answers the merchant's question. Staff can record an answer that came by phone.

        The review clock resumes with the remaining time, or with 4 hours if less is left.
        """
        shortest = 0 if input.evidence_ids else 1
        text = words(input.text or "", "text", longest=MAX_NOTE, shortest=shortest)
        outcome = await respond(
            info.context,
            order_number(info.context, input.id),
            text=text or None,
            pictures=pictures(info.context, input.evidence_ids),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)
