"""What every payload has, and the payloads that several mutations share."""

from typing import Any

import strawberry

from resolvers.context import Context
from resolvers.service_orders.act import StepOutcome
from schema import visible
from schema.idempotency import replayed_field
from schema.types.refusal import Refusal
from schema.types.service_order import ServiceOrder

Input = strawberry.argument(description="What to do.")
"""How every mutation describes its one argument; the input's own type says the rest."""


def refusals_field() -> Any:  # Any: a field stands as the default of an attribute
    return strawberry.field(
        default_factory=list,
        description="Why it was not done; empty if it was. A refused request changed nothing.",
    )


@strawberry.type(description="A service order that was changed.")
class ServiceOrderPayload:
    """The payload of what changes one order."""

    service_order: ServiceOrder | None = strawberry.field(
        default=None, description="The order after the change; null if it was refused."
    )
    replayed: bool = replayed_field()
    refusals: list[Refusal] = refusals_field()


def changed(context: Context, acted: StepOutcome) -> ServiceOrderPayload:
    """The payload for an order that was changed."""
    found = visible.order(context.viewer, acted.key, acted.written)
    return ServiceOrderPayload(service_order=found)


@strawberry.type(description="Something that was deleted or ended.")
class DonePayload:
    """The payload of what leaves nothing to show."""

    done: bool = strawberry.field(default=False, description="Whether it was done.")
    refusals: list[Refusal] = refusals_field()
