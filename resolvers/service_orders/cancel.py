"""Cancelling an order: the customer withdraws it."""

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def cancel(
    context: Context, id_: int, *, reason: str | None, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.CANCEL, change=Change(customer_note=reason))
    return await act(context, id_, step, expected_version=expected_version)
