"""The actor of anything that was done: one type for people, machines and the system."""

from functools import lru_cache

import strawberry

from domain.actors import ActorKind
from resolvers.context import Context
from schema import ids
from schema.customers import actor_kind, actor_name, is_customer


@strawberry.type(
    description=(
        "操作人. The person, machine or clock that did something, named as at that time. Customers "
        "see the merchant instead of its staff, and no names of people."
    )
)
class Actor:
    """An actor."""

    kind: ActorKind = strawberry.field(
        description=(
            "The kind of principal. `EMPLOYEE` for all of the merchant's staff where the record "
            "does not tell the main account from the others, and for customers."
        )
    )
    name: str = strawberry.field(description="The name at the time.")
    id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The id of the employee, connector or platform account. Null if it was not recorded, "
            "for customers and for the system, and if the viewer may not see it."
        ),
    )


_STAFF = (ActorKind.EMPLOYEE, ActorKind.MAIN_ACCOUNT)


@lru_cache(maxsize=ids.REMEMBERED)
def _id(kind: ActorKind, id_: int, merchant_id: int | None) -> strawberry.ID | None:
    if kind in _STAFF and merchant_id is not None:
        return strawberry.ID(ids.encode("Employee", merchant_id, id_))
    if kind is ActorKind.CONNECTOR:
        return strawberry.ID(ids.encode("Connector", id_))
    if kind is ActorKind.PLATFORM and merchant_id is None:
        return strawberry.ID(ids.encode("PlatformAccount", id_))
    return None


def actor_id(
    _context: Context, kind: ActorKind, id_: int | None, merchant_id: int | None = None
) -> strawberry.ID | None:
    """The id of a member of staff or a connector; of the platform's people without a merchant."""
    return None if id_ is None else _id(kind, id_, merchant_id)


def actor_of(
    context: Context, kind: ActorKind, name: str, id_: int | None, merchant_id: int | None = None
) -> Actor:
    """The actor of a merchant's record; of the platform's own without ``merchant_id``."""
    return Actor(kind=kind, name=name, id=actor_id(context, kind, id_, merchant_id))


def named_actor(kind: ActorKind, name: str) -> Actor:
    """The actor of a record that has the name alone."""
    return Actor(kind=kind, name=name)


def customers_actor(context: Context, kind: ActorKind, name: str, *_: object) -> Actor:
    """The actor by the kind and name that customers know."""
    return named_actor(actor_kind(context, kind), actor_name(context, kind, name) or name)


def actor_by_name(context: Context, kind: ActorKind, name: str) -> Actor:
    """The actor of a record that has the name alone, as the viewer knows it."""
    return customers_actor(context, kind, name) if is_customer(context) else named_actor(kind, name)


def staff(context: Context, name: str) -> Actor:
    """Somebody of the merchant's staff."""
    return actor_by_name(context, ActorKind.EMPLOYEE, name)
