"""Undoing an exchange or a return that was the last step."""

from typing import Final

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act

_STEP: Final = PlainStep(
    action=Action.UNDO, change=Change(values={"processing": None, "processed_at": None})
)


async def undo(context: Context, id_: int, *, expected_version: int | None) -> StepOutcome:
    """Raises Refused."""
    return await act(context, id_, _STEP, expected_version=expected_version)
