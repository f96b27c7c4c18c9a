"""The mutation with which the platform rules on an escalated service order."""

from typing import Final

import strawberry

from domain.actions import Action
from domain.desk.reviews import MAX_NOTE
from domain.desk.rulings import Remedy, Ruling
from domain.permissions import Permission
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import words
from resolvers.platform.rule_on_service_order import rule_on_service_order
from schema import ids
from schema.fields import Info, mutation
from schema.scalars import Money
from schema.types.step import ServiceOrderPayload, StepInput, payload_of

_TEXT: Final = (
    f"The text of the ruling. Customer and merchant both see it. At most {MAX_NOTE} characters."
)


@strawberry.input(description="A ruling that carries nothing but its text.")
class RulingTextInput:
    """A text."""

    text: str = strawberry.field(description=_TEXT)


@strawberry.input(description="What the merchant has to do.")
class ProcessRulingInput:
    """A remedy."""

    remedy: Remedy = strawberry.field(description="How the merchant makes it good.")
    amount: Money | None = strawberry.field(
        default=None,
        description=(
            "For the remedy `REFUND`: the amount to refund, in yuan, above zero and up to the "
            "order's `refundable`."
        ),
    )
    text: str = strawberry.field(description=_TEXT)


@strawberry.input(one_of=True, description="A ruling (平台裁决). Set exactly one outcome.")
class RulingInput:
    """A ruling."""

    return_goods: RulingTextInput | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "`RULE_RETURN`. For the customer: the goods go back to the merchant's default return "
            "address."
        ),
    )
    process: ProcessRulingInput | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "`RULE_PROCESS`. For the customer: the merchant makes it good, without a return."
        ),
    )
    cancel: RulingTextInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="`RULE_CANCEL`. For the merchant, before receipt: the order is cancelled.",
    )
    close: RulingTextInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="`RULE_CLOSE`. For the merchant, after receipt: the order is completed.",
    )
    uphold: RulingTextInput | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "`RULE_UPHOLD`. For the merchant: the order stays rejected or cancelled, as it is."
        ),
    )

    def read(self) -> Ruling:
        """Raises BadInput."""
        if self.process:
            return _process(self.process)
        outcomes = (
            ("returnGoods", Action.RULE_RETURN, self.return_goods),
            ("cancel", Action.RULE_CANCEL, self.cancel),
            ("close", Action.RULE_CLOSE, self.close),
            ("uphold", Action.RULE_UPHOLD, self.uphold),
        )
        [(name, action, text)] = [
            (name, action, carried.text) for name, action, carried in outcomes if carried
        ]
        return Ruling(action=action, text=words(text, "ruling", name, "text", longest=MAX_NOTE))


def _process(carried: ProcessRulingInput) -> Ruling:
    path = ("ruling", "process")
    amount = None if carried.amount is None else int(carried.amount)
    if amount is not None and (amount == 0 or carried.remedy is not Remedy.REFUND):
        text = Text("仅退款可填金额, 且须大于零", "Only a refund has an amount, above zero.")
        raise BadInput((*path, "amount"), text)
    return Ruling(
        action=Action.RULE_PROCESS,
        text=words(carried.text, *path, "text", longest=MAX_NOTE),
        remedy=carried.remedy,
        amount=amount,
    )


@strawberry.input(description="The ruling on an escalated service order.")
class RuleOnServiceOrderInput(StepInput):
    """A ruling and its order."""

    ruling: RulingInput = strawberry.field(description="The ruling.")


@strawberry.type
class RulingMutations:
    """Mutations of the platform on orders."""

    @mutation(Permission.INTERVENE)
    async def rule_on_service_order(
        self, info: Info, input: RuleOnServiceOrderInput
    ) -> ServiceOrderPayload:
        """平台裁决. Rules on an escalated service order of any merchant, once per escalation.

        The queue is `serviceOrders(filter: {escalated: true}, orderBy: ESCALATED_AT_ASC)`.
        """
        outcome = await rule_on_service_order(
            info.context,
            ids.key_of("ServiceOrder", input.id, "id"),
            input.ruling.read(),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)
