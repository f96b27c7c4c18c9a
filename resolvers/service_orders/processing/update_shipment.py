"""Adding or correcting the waybill of what the merchant sent to the customer."""

from typing import Any

from database.prepared import AnyConnection
from domain.actions import Action
from domain.desk.sending import is_sending
from models.journal.change import Change
from models.queries.service_orders import Order, get_blocks
from resolvers.context import Context
from resolvers.service_orders.act import DerivedStep, StepOutcome, act


async def update_shipment(
    context: Context, id_: int, *, carrier: str, waybill: str, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""

    def updated(shipment: dict[str, Any] | None) -> dict[str, Any]:  # Any: JSON
        goods = (shipment or {}).get("goods")
        return {"goods": goods, "carrier": carrier, "waybill": waybill}

    async def derive(session: AnyConnection, order: Order) -> Change:
        blocks = await get_blocks(session, order)
        if not is_sending(blocks.processing):
            shipment = updated(blocks.review_shipment)
            return Change(values={"review_shipment": shipment}, details={"shipment": shipment})
        processing = blocks.processing or {}
        shipment = updated(processing.get("outbound"))
        values = {"processing": {**processing, "outbound": shipment}}
        return Change(values=values, details={"shipment": shipment})

    step = DerivedStep(action=Action.UPDATE_SHIPMENT, derive=derive)
    return await act(context, id_, step, expected_version=expected_version)
