"""Where customers send goods back to: a merchant's rules, and its default address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import auto
from typing import Any, Final, Self

from domain.addresses import Address
from domain.names import Named

MAX_RULES: Final = 100
"""The most rules of a merchant."""

DEFAULT: Final = "DEFAULT"
"""Stands for the default address, where no rule fits."""

CHOSEN: Final = "CHOSEN"
"""Stands for the address that a person named."""


class RuleKind(Named):
    """What a rule compares with its value."""

    SKU_PREFIX = auto()
    CATEGORY = auto()
    WAREHOUSE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """The facts of an item that rules ask for."""

    sku: str
    category: str | None = None
    warehouse: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRule:
    """A rule: goods that fit go to the address."""

    kind: RuleKind
    value: str
    address_id: int

    @property
    def name(self) -> str:
        """For example ``SKU_PREFIX AB-``."""
        return f"{self.kind} {self.value}"

    def fits(self, goods: Goods) -> bool:
        match self.kind:
            case RuleKind.SKU_PREFIX:
                return goods.sku.startswith(self.value)
            case RuleKind.CATEGORY:
                return goods.category == self.value
            case RuleKind.WAREHOUSE:
                return goods.warehouse == self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An address, and why the goods go there: a rule's name, ``DEFAULT`` or ``CHOSEN``."""

    address: Address
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRules:
    """A merchant's rules in their order, with the addresses that they name.

    ``version`` counts the changes of the list.
    """

    version: int
    rules: Sequence[AddressRule]
    addresses: Mapping[int, Address]

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:  # Any: JSON
        return cls(
            version=stored["version"],
            rules=[
                AddressRule(kind=RuleKind(kind), value=value, address_id=int(address))
                for kind, value, address in stored["rules"]
            ],
            addresses={
                int(id_): Address.read(address) for id_, address in stored["addresses"].items()
            },
        )

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        # Ids as text: JSON numbers of 63 bits are not safe everywhere.
        return {
            "version": self.version,
            "rules": [[rule.kind, rule.value, str(rule.address_id)] for rule in self.rules],
            "addresses": {str(id_): address.stored() for id_, address in self.addresses.items()},
        }


def destination(
    goods: Goods,
    rules: Mapping[str, Any] | None,  # Any: JSON
    default: Address | None,
) -> Destination | None:
    """Where the goods go: by the first rule that fits, or to the default address.

    ``rules`` are stored ``AddressRules``, None if the merchant has none. They are read here and not
    before: only approvals need them.
    """
    if rules is not None:
        known = AddressRules.read(rules)
        for rule in known.rules:
            if rule.fits(goods):
                return Destination(address=known.addresses[rule.address_id], rule=rule.name)
    return None if default is None else Destination(address=default, rule=DEFAULT)
