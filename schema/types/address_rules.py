"""Return address rules: which goods go to which of a merchant's addresses."""

from typing import Any

import strawberry

from domain.destinations import AddressRule, AddressRules, RuleKind
from domain.words import MAX_REF, line
from resolvers.context import Context
from schema import ids


@strawberry.type(description="A rule that sends certain goods to a return address.")
class ReturnAddressRule:
    """A rule."""

    kind: RuleKind = strawberry.field(description="What the rule compares.")
    value: str = strawberry.field(description="The value that it compares with.")
    return_address_id: strawberry.ID = strawberry.field(
        description="The id of the address, one of `returnAddresses`."
    )


@strawberry.type(
    description=(
        "退货地址规则. A merchant's return address rules. The first rule that fits the goods names "
        "the address; where none fits, they go to the default address."
    )
)
class ReturnAddressRules:
    """The rules of a merchant."""

    version: int = strawberry.field(
        description="How often the list was set. Send it as `expectedVersion` to set it again."
    )
    rules: list[ReturnAddressRule] = strawberry.field(description="The rules, in their order.")


@strawberry.input(description="A rule that sends certain goods to a return address.")
class ReturnAddressRuleInput:
    """A rule."""

    kind: RuleKind = strawberry.field(description="What the rule compares.")
    value: str = strawberry.field(
        description=f"The value that it compares with. At most {MAX_REF} characters."
    )
    return_address_id: strawberry.ID = strawberry.field(description="The id of the address.")


def rules_of(
    _context: Context,
    merchant_id: int,
    stored: dict[str, Any] | None,  # Any: JSON
) -> ReturnAddressRules:
    """The rules, from the columns of a merchant."""
    if stored is None:
        return ReturnAddressRules(version=0, rules=[])
    known = AddressRules.read(stored)
    return ReturnAddressRules(
        version=known.version,
        rules=[
            ReturnAddressRule(
                kind=rule.kind,
                value=rule.value,
                return_address_id=strawberry.ID(
                    ids.encode("ReturnAddress", merchant_id, rule.address_id)
                ),
            )
            for rule in known.rules
        ],
    )


def rule_from(merchant_id: int, input_: ReturnAddressRuleInput, index: int) -> AddressRule:
    """The rule that was entered. Raises BadInput or Refused."""
    path = ("rules", str(index))
    return AddressRule(
        kind=input_.kind,
        value=line(input_.value, *path, "value", longest=MAX_REF),
        address_id=ids.within(
            merchant_id,
            "ReturnAddress",
            input_.return_address_id,
            *path,
            "returnAddressId",
        ),
    )
