"""Withdrawing an approval while nothing was sent; the review goes on with the time it had left."""

from domain.actions import Action
from models.journal.change import taken_back_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def withdraw_approval(
    context: Context,
    id_: int,
    *,
    reason: str,
    customer_note: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""
    change = taken_back_change(reason, customer_note)
    step = PlainStep(action=Action.WITHDRAW_APPROVAL, change=change)
    return await act(context, id_, step, expected_version=expected_version)
