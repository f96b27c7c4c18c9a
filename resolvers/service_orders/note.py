"""Adding an internal note to an order, which only staff can read."""

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def note(
    context: Context, id_: int, text: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.NOTE, change=Change(internal_note=text))
    return await act(context, id_, step, expected_version=expected_version)
