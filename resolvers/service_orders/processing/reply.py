"""Replying in the thread between the customer and the merchant's staff."""

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def reply(
    context: Context, id_: int, text: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.REPLY, change=Change(customer_note=text))
    return await act(context, id_, step, expected_version=expected_version)
