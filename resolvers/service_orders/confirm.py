"""Confirming the outcome of an order, with the customer's rating of it."""

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def confirm(
    context: Context,
    id_: int,
    *,
    satisfaction: int | None,
    comment: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""
    change = Change(
        # Both are set, so that nothing of an earlier confirmation remains.
        values={"satisfaction": satisfaction, "satisfaction_comment": comment},
        customer_note=comment,
        details=None if satisfaction is None else {"satisfaction": satisfaction},
    )
    step = PlainStep(action=Action.CONFIRM, change=change)
    return await act(context, id_, step, expected_version=expected_version)
