"""Recording that the goods were shipped to the merchant."""

from domain.lifecycle import Action
from models.journal.change import shipping_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def ship(
    context: Context,
    id_: int,
    *,
    carrier: str,
    waybill: str,
    freight: int | None,
    expected_version: int | None,
) -> StepOutcome:
    """``freight`` in fen. Raises Refused."""
    change = shipping_change(carrier=carrier, waybill=waybill, freight=freight)
    step = PlainStep(action=Action.SHIP, change=change)
    return await act(context, id_, step, expected_version=expected_version)
