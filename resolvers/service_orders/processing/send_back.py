"""Sending the goods back to the customer as they came (原返)."""

from domain.actions import Action
from domain.desk.reviews import Shipment
from models.journal.change import processing_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def send_back(
    context: Context,
    id_: int,
    *,
    outbound: Shipment,
    customer_note: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""
    change = processing_change(
        Action.SEND_BACK,
        by=context.viewer.name,
        customer_note=customer_note,
        outbound=outbound,
    )
    step = PlainStep(action=Action.SEND_BACK, change=change)
    return await act(context, id_, step, expected_version=expected_version)
