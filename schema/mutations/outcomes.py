"""The mutations with which a customer accepts an outcome, objects, or turns to the platform."""

from typing import Final

import strawberry

from domain.desk.reviews import MAX_NOTE
from domain.permissions import Permission
from domain.words import between, optional_words, words
from resolvers.service_orders.confirm import confirm
from resolvers.service_orders.escalate import escalate
from resolvers.service_orders.report_unsolved import report_unsolved
from schema.fields import Info, mutation
from schema.types.step import ServiceOrderPayload, StepInput, order_number, payload_of

MAX_SATISFACTION: Final = 5
_LIMIT = f"At most {MAX_NOTE} characters."


@strawberry.input(description="The customer's confirmation of the outcome.")
class ConfirmServiceOrderInput(StepInput):
    """A confirmation."""

    satisfaction: int | None = strawberry.field(
        default=None,
        description=f"The customer's rating, from 1 (bad) to {MAX_SATISFACTION} (good).",
    )
    comment: str | None = strawberry.field(
        default=None, description=f"The customer's comment. {_LIMIT}"
    )


@strawberry.input(description="The customer's objection to the outcome.")
class ReportUnsolvedInput(StepInput):
    """An objection."""

    message: str = strawberry.field(description=f"What is not solved. {_LIMIT}")


@strawberry.input(description="The request that the platform step in.")
class EscalateServiceOrderInput(StepInput):
    """An escalation."""

    reason: str = strawberry.field(
        description=f"The reason. Customer and merchant both see it. {_LIMIT}"
    )


@strawberry.type
class OutcomeMutations:
    """Mutations about the outcome."""

    @mutation(Permission.CUSTOMER_ACT)
    async def confirm_service_order(
        self, info: Info, input: ConfirmServiceOrderInput
    ) -> ServiceOrderPayload:
        """Confirms the outcome for the customer and completes the service order."""
        satisfaction = input.satisfaction
        if satisfaction is not None:
            between(satisfaction, "satisfaction", least=1, most=MAX_SATISFACTION)
        outcome = await confirm(
            info.context,
            order_number(info.context, input.id),
            satisfaction=satisfaction,
            comment=optional_words(input.comment, "comment", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.CUSTOMER_ACT)
    async def report_unsolved(self, info: Info, input: ReportUnsolvedInput) -> ServiceOrderPayload:
        """Reports that the problem is not solved: the merchant processes the order again.

        Possible while the order waits for confirmation, and for 15 days after its completion.
        """
        outcome = await report_unsolved(
            info.context,
            order_number(info.context, input.id),
            words(input.message, "message", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.PROCESS, Permission.CUSTOMER_ACT)
    async def escalate_service_order(
        self, info: Info, input: EscalateServiceOrderInput
    ) -> ServiceOrderPayload:
        """Asks the platform to step in, once for each service order. Its status stays."""
        outcome = await escalate(
            info.context,
            order_number(info.context, input.id),
            words(input.reason, "reason", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)
