"""Asking the platform to step in, once for each order."""

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def escalate(
    context: Context, id_: int, reason: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.ESCALATE, change=Change(customer_note=reason))
    return await act(context, id_, step, expected_version=expected_version)
