"""A customer withdraws."""

from domain.lifecycle import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import Plain, StepOutcome, act


async def cancel(
    context: Context, id_: int, *, reason: str | None, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = Plain(action=Action.CANCEL, change=Change(customer_note=reason))
    return await act(context, id_, step, expected_version=expected_version)
