"""Reporting to the customer that their objection is solved."""

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def solve(
    context: Context, id_: int, customer_note: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.SOLVE, change=Change(customer_note=customer_note))
    return await act(context, id_, step, expected_version=expected_version)
