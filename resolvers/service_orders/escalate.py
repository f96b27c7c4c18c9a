"""Asking the platform to step in: once, and again after an objection to what was ruled."""

from domain.actions import Action
from models.journal.ruling_change import escalation_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def escalate(
    context: Context, id_: int, reason: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.ESCALATE, change=escalation_change(reason))
    return await act(context, id_, step, expected_version=expected_version)
