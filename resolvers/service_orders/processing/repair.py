"""Repairing the goods and sending them back to the customer."""

from domain.actions import Action
from domain.desk.reviews import Shipment
from models.journal.change import processing_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def repair(
    context: Context,
    id_: int,
    *,
    report: str,
    outbound: Shipment,
    customer_note: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""
    change = processing_change(
        Action.REPAIR,
        by=context.viewer.name,
        customer_note=customer_note,
        report=report,
        outbound=outbound,
    )
    step = PlainStep(action=Action.REPAIR, change=change)
    return await act(context, id_, step, expected_version=expected_version)
