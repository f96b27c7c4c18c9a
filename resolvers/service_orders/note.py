"""Staff leave a note for one another."""

from domain.lifecycle import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import Plain, StepOutcome, act


async def note(
    context: Context, id_: int, text: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = Plain(action=Action.NOTE, change=Change(internal_note=text))
    return await act(context, id_, step, expected_version=expected_version)
