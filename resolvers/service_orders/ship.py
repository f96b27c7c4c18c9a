"""Recording that the goods were shipped to the merchant."""

from domain.lifecycle import Action
from domain.money import yuan
from models.journal.change import Change
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
    details = {"carrier": carrier, "waybill": waybill}
    if freight is not None:
        details["freight"] = yuan(freight)
    step = PlainStep(action=Action.SHIP, change=Change(details=details))
    return await act(context, id_, step, expected_version=expected_version)
