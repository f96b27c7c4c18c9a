"""Exchanging the goods: a new purchase order, or goods that the merchant sends."""

from domain.actions import Action
from domain.desk.reviews import Shipment
from models.journal.change import processing_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def exchange(
    context: Context,
    id_: int,
    *,
    new_order_number: str | None,
    outbound: Shipment | None,
    customer_note: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Either ``new_order_number`` or ``outbound`` is set. Raises Refused."""
    change = processing_change(
        Action.EXCHANGE,
        by=context.viewer.name,
        customer_note=customer_note,
        new_order_number=new_order_number,
        outbound=outbound,
    )
    step = PlainStep(action=Action.EXCHANGE, change=change)
    return await act(context, id_, step, expected_version=expected_version)
