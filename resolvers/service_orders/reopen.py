"""Taking a rejection back, once: the order waits for review again, with a new clock."""

from domain.actions import Action
from models.journal.change import taken_back_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def reopen(
    context: Context,
    id_: int,
    *,
    reason: str,
    customer_note: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.REOPEN, change=taken_back_change(reason, customer_note))
    return await act(context, id_, step, expected_version=expected_version)
