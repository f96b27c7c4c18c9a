"""The actors of service orders."""

from dataclasses import dataclass
from enum import StrEnum

from domain.permissions import Permission


class ActorKind(StrEnum):
    """The kind of principal that acts."""

    PLATFORM = "PLATFORM"
    MAIN_ACCOUNT = "MAIN_ACCOUNT"
    EMPLOYEE = "EMPLOYEE"
    CONNECTOR = "CONNECTOR"
    CUSTOMER = "CUSTOMER"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The actor of a step, with what the rules need to know.

    ``merchant_id`` is None for actors of no merchant: the platform, its storefronts and the system.
    """

    kind: ActorKind
    id: int
    name: str
    permissions: frozenset[Permission] = frozenset()
    merchant_id: int | None = None
    customer_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedActor:
    """Who did something, as a refusal says it: the kind, and the name at that time."""

    kind: ActorKind
    name: str


SYSTEM = Actor(kind=ActorKind.SYSTEM, id=0, name="系统")
