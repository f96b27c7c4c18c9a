"""The processing block of a service order: the latest step that processed the goods."""

from datetime import datetime
from typing import Any, Final

import strawberry

from domain.actions import Action
from models.service_order import service_orders
from resolvers.context import Context
from schema.types.actor import Actor, staff
from schema.types.shipment import Shipment, shipment_of


@strawberry.type(description="The latest refund, exchange, repair or return on a service order.")
class Processing:
    """The processing block."""

    action: Action = strawberry.field(description="The action that was taken.")
    by: Actor = strawberry.field(description="The actor that took the action.")
    at: datetime = strawberry.field(description="When the action was taken.")
    customer_note: str | None = strawberry.field(
        description="The message to the customer. Null if there is none."
    )
    new_order_number: str | None = strawberry.field(
        description=(
            "For `EXCHANGE`: the storefront's number of the purchase that replaces the goods. Null "
            "if the merchant sends them, and for other actions."
        )
    )
    report: str | None = strawberry.field(
        description="For `REPAIR`: the report on the repair. Null for other actions."
    )
    shipment: Shipment | None = strawberry.field(
        description="The goods that the merchant sends. Null if it sends none."
    )


PROCESSING_COLUMNS: Final = (
    service_orders.c.processing,
    service_orders.c.processed_at,
    service_orders.c.returned_at,
    service_orders.c.item_name,
)


def processing_of(
    context: Context,
    stored: dict[str, Any] | None,  # Any: JSON
    processed_at: datetime | None,
    returned_at: datetime | None,
    item_name: str,
) -> Processing | None:
    """The processing block, from the values of ``PROCESSING_COLUMNS``.

    ``returned_at`` is its time if the parcel of a cancelled order was sent back.
    """
    at = processed_at or returned_at
    if stored is None or at is None:
        return None
    return Processing(
        action=Action(stored["action"]),
        by=staff(context, stored["by"]),
        at=at,
        customer_note=stored.get("note"),
        new_order_number=stored.get("newOrderNumber"),
        report=stored.get("report"),
        shipment=shipment_of(context, stored.get("outbound"), item_name),
    )
