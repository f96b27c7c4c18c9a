"""The review block of a service order: the latest decision and what it carries."""

from datetime import datetime
from typing import Any

import strawberry

from domain.actors import ActorKind
from domain.lifecycle import Action
from models.service_order import service_orders
from schema.fields import column, computed, kept, projected
from schema.types.evidence import Evidence, pictures_of
from schema.types.merchant import PostalAddress, postal
from schema.types.reason import Reason, reason_of


@strawberry.type(description="Goods that the merchant sends to the customer.")
class Shipment:
    """A shipment."""

    goods: str = strawberry.field(description="The goods.")
    carrier: str | None = strawberry.field(description="The carrier. Null if it is not known yet.")
    waybill: str | None = strawberry.field(
        description="The waybill number. Null if it is not known yet."
    )


def _shipment(stored: dict[str, Any]) -> Shipment:
    return Shipment(**stored)


@projected(service_orders)
@strawberry.type(description="The latest review decision on a service order.")
class ReviewDecision:
    """The review block."""

    decision: Action = column(service_orders.c.decision, "The action that was decided.")
    automatic: bool = column(
        service_orders.c.decided_by_kind,
        "Whether the system decided, at the review deadline.",
        lambda kind: kind is ActorKind.SYSTEM,
    )
    reviewer: str = column(service_orders.c.decided_by, "The name of the actor that decided.")
    at: datetime = column(service_orders.c.decided_at, "When the decision was made.")
    reason: Reason | None = computed(
        lambda context, code: reason_of(code, context.language),
        (service_orders.c.review_reason,),
        "The reason for the decision. Null if none was given.",
    )
    customer_note: str | None = column(
        service_orders.c.review_customer_note,
        "The message or question to the customer. Null if there is none.",
    )
    return_address: PostalAddress | None = computed(
        lambda _context, stored: postal(stored),
        (service_orders.c.review_address,),
        "The return address that was sent to the customer. It does not change afterwards. Null if "
        "nothing has to be returned.",
    )
    shipment: Shipment | None = column(
        service_orders.c.review_shipment,
        "The goods that the merchant sends, for `RESEND`. Null for other decisions.",
        _shipment,
    )
    evidence: list[Evidence] = kept(
        pictures_of(service_orders.c.review_pictures),
        "The merchant's pictures, at most three.",
    )
