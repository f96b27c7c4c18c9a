"""The mutation that sets a merchant's return address rules."""

import strawberry

from domain.destinations import MAX_RULES
from domain.permissions import Permission
from domain.words import at_most, between
from execution.sources import object_source
from resolvers.settings.address_rules import set_address_rules
from schema.fields import Info, mutation
from schema.types.address_rules import ReturnAddressRuleInput, rule_from
from schema.types.merchant import Merchant
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal

_MAX_VERSION = 2**31 - 1


@strawberry.input(description="All return address rules of the merchant, in their order.")
class SetReturnAddressRulesInput:
    """The rules."""

    rules: list[ReturnAddressRuleInput] = strawberry.field(
        description=f"The rules, at most {MAX_RULES}. An empty list removes all."
    )
    expected_version: int = strawberry.field(
        description=(
            "The `version` of the rules when the client read them. If somebody has set them since, "
            "the request is refused with `ADDRESS_RULES_CHANGED`."
        )
    )


@strawberry.type(description="The merchant with its return address rules.")
class SetReturnAddressRulesPayload:
    """The rules that were set."""

    merchant: Merchant | None = strawberry.field(
        default=None, description="The merchant. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class AddressRuleMutations:
    """Mutations of return address rules."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def set_return_address_rules(
        self, info: Info, input: SetReturnAddressRulesInput
    ) -> SetReturnAddressRulesPayload:
        """设置退货地址规则. Sets which goods go to which return address, the whole list at once.

        Every approval takes the first rule that fits, unless the reviewer names an address.
        """
        context = info.context
        at_most(input.rules, "rules", most=MAX_RULES)
        rules = [rule_from(context.merchant_id, rule, at) for at, rule in enumerate(input.rules)]
        version = between(input.expected_version, "expectedVersion", least=0, most=_MAX_VERSION)
        id_ = await set_address_rules(context, rules, expected_version=version)
        return SetReturnAddressRulesPayload(merchant=object_source("Merchant", (id_,)))
