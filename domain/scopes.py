"""What a connector's token can let it do, and who gives it that."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.permissions import Permission


class ScopeGiver(StrEnum):
    """Who gives a connector a scope."""

    MERCHANT = "MERCHANT"
    """Whoever manages the merchant's settings and holds what the scope takes."""
    PLATFORM = "PLATFORM"


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission as a connector can have it: given by whom, and holding what themselves.

    ``takes`` is None for what the platform alone gives.
    """

    takes: Permission | None

    @property
    def giver(self) -> ScopeGiver:
        return ScopeGiver.PLATFORM if self.takes is None else ScopeGiver.MERCHANT


SCOPES: Final = {
    Permission.SERVICE_ORDER_READ: Scope(Permission.SERVICE_ORDER_READ),
    Permission.QUALITY_READ: Scope(Permission.QUALITY_READ),
    Permission.APPLICATION_SUBMIT: Scope(Permission.SETTINGS_MANAGE),
    Permission.CUSTOMER_ACT: Scope(None),
}
"""What a connector's token can let it do. A connector reads and hands in; it takes no step with an
order, for which a person has to answer. Whoever acts for customers can do to their orders whatever
they can, at any order number, so that is not the merchant's to give."""
