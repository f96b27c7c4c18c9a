"""Sending back a parcel that arrived after its order was cancelled."""

from domain.actions import Action
from models.journal.change import cancelled_return_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def return_cancelled(
    context: Context, id_: int, *, carrier: str, waybill: str, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    change = cancelled_return_change(by=context.viewer.name, carrier=carrier, waybill=waybill)
    step = PlainStep(action=Action.RETURN_CANCELLED, change=change)
    return await act(context, id_, step, expected_version=expected_version)
