"""The platform's ruling on a service order."""

from datetime import datetime
from typing import Any, Final

import strawberry

from domain.actions import Action
from domain.actors import ActorKind
from domain.desk.rulings import Remedy
from domain.lifecycle import LIFECYCLE
from domain.statuses import Status
from models.service_order import service_orders
from resolvers.context import Context
from schema.enums import described
from schema.scalars import Money
from schema.types.actor import Actor, actor_by_name

described(
    Remedy,
    "How the merchant makes it good after a ruling (裁决) of the platform.",
    {
        Remedy.REFUND: "退款. The merchant refunds.",
        Remedy.EXCHANGE: "换新. The merchant sends new goods.",
        Remedy.REPAIR: "维修. The merchant repairs the goods.",
        Remedy.OTHER: "其他. As the text of the ruling says.",
    },
)


@strawberry.type(
    description="平台裁决. The platform's ruling on a service order that was escalated."
)
class Ruling:
    """A ruling."""

    action: Action = strawberry.field(description="The ruling: one of the `RULE_` actions.")
    for_customer: bool = strawberry.field(
        description="Whether the platform ruled for the customer. Otherwise for the merchant."
    )
    by: Actor = strawberry.field(description="The person who ruled.")
    at: datetime = strawberry.field(description="When the platform ruled.")
    text: str = strawberry.field(
        description=(
            "The text of the ruling. Customer and merchant both see it. Empty once it is erased."
        )
    )
    remedy: Remedy | None = strawberry.field(
        description=("For `RULE_PROCESS`: how the merchant makes it good. Null for other rulings.")
    )
    amount: Money | None = strawberry.field(
        description=(
            "For the remedy `REFUND`: the amount to refund, in yuan. Null if the ruling names none."
        )
    )


RULING_COLUMNS: Final = (service_orders.c.ruling,)


def ruling_of(context: Context, stored: dict[str, Any] | None) -> Ruling | None:  # Any: JSON
    """The ruling, from the value of ``RULING_COLUMNS``."""
    if stored is None:
        return None
    action, remedy, by = Action(stored["action"]), stored.get("remedy"), stored["by"]
    return Ruling(
        action=action,
        for_customer=LIFECYCLE[action].target
        in (Status.AWAITING_SHIPMENT, Status.AWAITING_PROCESSING),
        by=actor_by_name(context, ActorKind.PLATFORM, by),
        at=datetime.fromisoformat(stored["at"]),
        text=stored["note"] or "",
        remedy=None if remedy is None else Remedy(remedy),
        amount=stored.get("amount"),
    )
