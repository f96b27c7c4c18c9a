"""The scopes of connectors: the permissions of their tokens, and who can grant them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.permissions import Permission


class ScopeGiver(StrEnum):
    """Who grants a scope to a connector."""

    MERCHANT = "MERCHANT"
    """The merchant's staff who hold SETTINGS_MANAGE and the permission that the scope requires."""
    PLATFORM = "PLATFORM"


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission that a connector can have.

    ``requires`` is the permission that the granting person must hold. None: only the platform can
    grant the scope.
    """

    requires: Permission | None

    @property
    def giver(self) -> ScopeGiver:
        return ScopeGiver.PLATFORM if self.requires is None else ScopeGiver.MERCHANT


PLATFORM_REQUIRES: Final = {
    Permission.SERVICE_ORDER_READ: Permission.MERCHANT_READ,
    Permission.QUALITY_READ: Permission.MERCHANT_READ,
    Permission.APPLICATION_SUBMIT: Permission.ENROLMENT_REVIEW,
    Permission.CUSTOMER_ACT: Permission.ENROLMENT_REVIEW,
    Permission.REFUND_REPORT: Permission.ENROLMENT_REVIEW,
}
"""What a person of the platform must hold to give a scope to a connector of the platform."""

SCOPES: Final = {
    Permission.SERVICE_ORDER_READ: Scope(Permission.SERVICE_ORDER_READ),
    Permission.QUALITY_READ: Scope(Permission.QUALITY_READ),
    Permission.APPLICATION_SUBMIT: Scope(Permission.SETTINGS_MANAGE),
    Permission.CUSTOMER_ACT: Scope(None),
    Permission.REFUND_REPORT: Scope(Permission.REFUND),
}
"""The scopes of connectors.

A connector reads, submits, and reports the outcome of payments; it takes no other step, for which a
person is responsible. CUSTOMER_ACT allows everything that any customer can do, so only the platform
grants it.
"""
