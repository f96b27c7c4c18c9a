"""The review block of a service order: the latest decision and what it carries."""

from datetime import datetime

import strawberry

from domain.actions import Action
from domain.actors import ActorKind
from models.service_order import service_orders
from projection.fields import Constant
from schema.acting import acting
from schema.fields import column, computed, kept, projected
from schema.types.actor import Actor
from schema.types.evidence import Evidence, pictures_of
from schema.types.merchant import PostalAddress, postal
from schema.types.reason import Reason, reason_of
from schema.types.shipment import Shipment, shipment_of


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
    reviewer: Actor = acting(
        service_orders.c.decided_by_kind,
        service_orders.c.decided_by,
        service_orders.c.decided_by_id,
        "审核人. The actor that decided.",
        service_orders.c.merchant_id,
    )
    at: datetime = column(service_orders.c.decided_at, "When the decision was made.")
    reason: Reason | None = computed(
        reason_of,
        (service_orders.c.review_reason, service_orders.c.own_review_reason),
        "The reason for the decision. Null if none was given.",
    )
    customer_note: str | None = column(
        service_orders.c.review_customer_note,
        "The message or question to the customer. Null if there is none.",
    )
    return_address: PostalAddress | None = computed(
        lambda _context, stored: postal(stored),
        (service_orders.c.review_address,),
        "The return address that was sent to the customer. Only `changeReturnAddress` "
        "changes it. Null if nothing has to be returned.",
    )
    return_address_rule: str | None = column(
        service_orders.c.review_address_rule,
        "Why the goods go to this address: a rule, such as `SKU_PREFIX AB-`, `DEFAULT`, or "
        "`CHOSEN` if a person named it. Null without an address, for decisions from before there "
        "were rules, and for customers.",
        customers=Constant(None),
    )
    shipment: Shipment | None = computed(
        shipment_of,
        (service_orders.c.review_shipment, service_orders.c.item_name),
        "The goods that the merchant sends, for `RESEND`. Null for other decisions.",
    )
    evidence: list[Evidence] = kept(
        pictures_of(service_orders.c.review_pictures),
        "The merchant's pictures, at most three.",
    )
