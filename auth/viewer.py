"""The viewer: who asks, and with which permissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from database.advisory_lock import lock_number
from domain.actors import Actor, ActorKind
from domain.desk.refunds import Ceiling
from domain.permissions import Permission
from domain.wording import DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class Grant:
    """How a viewer holds a permission: directly, through the named roles, or both."""

    direct: bool
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The principal of a request, by its token. ``session_id`` is None without a session.

    ``merchant_ids`` are the merchants that a connector of the platform serves; None: all merchants.
    ``refund_ceiling`` bounds what the viewer may refund of a purchase line, in fen; None if nothing
    does.
    """

    kind: ActorKind
    id: int
    name: str
    merchant_id: int | None = None
    merchant_ids: frozenset[int] | None = None
    grants: Mapping[Permission, Grant] = field(default_factory=dict)
    customer_ref: str | None = None
    session_id: int | None = None
    refund_ceiling: Ceiling = 0
    zone: tzinfo = DEFAULT_ZONE
    """The time zone in which messages say instants."""

    def may(self, *permissions: Permission) -> bool:
        """Whether the viewer holds at least one of the permissions."""
        return not self.grants.keys().isdisjoint(permissions)

    def serves(self, merchant_id: int) -> bool:
        """Whether the viewer belongs to the merchant, or is the platform's and may act there."""
        if self.merchant_id is not None:
            return self.merchant_id == merchant_id
        return self.merchant_ids is None or merchant_id in self.merchant_ids

    @property
    def permissions(self) -> frozenset[Permission]:
        return frozenset(self.grants)

    @property
    def number(self) -> int:
        """The same number for a principal in every session and with any permissions."""
        # A connector has an id of its own, and may be narrowed to one of its merchants.
        merchant = None if self.kind is ActorKind.CONNECTOR else self.merchant_id
        return lock_number("viewer", self.kind, self.id, merchant, self.customer_ref)

    @property
    def actor(self) -> Actor:
        return Actor(
            kind=self.kind,
            id=self.id,
            name=self.name,
            permissions=self.permissions,
            merchant_id=self.merchant_id,
            customer_ref=self.customer_ref,
        )
