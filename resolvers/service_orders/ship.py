"""The goods are on their way to the merchant."""

from domain.lifecycle import Action
from models.changes import shipping_change
from resolvers.context import Context
from resolvers.service_orders.act import Plain, StepOutcome, act


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
    step = Plain(action=Action.SHIP, change=change)
    return await act(context, id_, step, expected_version=expected_version)
