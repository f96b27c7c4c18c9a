"""Who can act on a service order."""

from dataclasses import dataclass
from enum import StrEnum

from domain.permissions import Permission


class ActorKind(StrEnum):
    """What kind of principal acts."""

    PLATFORM = "PLATFORM"
    MAIN_ACCOUNT = "MAIN_ACCOUNT"
    EMPLOYEE = "EMPLOYEE"
    CONNECTOR = "CONNECTOR"
    CUSTOMER = "CUSTOMER"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever acts, as the rules see them.

    ``merchant_id`` is None for those who belong to no merchant: the platform, its storefronts and
    the system.
    """

    kind: ActorKind
    id: int
    name: str
    permissions: frozenset[Permission] = frozenset()
    merchant_id: int | None = None
    customer_ref: str | None = None


SYSTEM = Actor(kind=ActorKind.SYSTEM, id=0, name="系统")
