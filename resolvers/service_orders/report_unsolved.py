"""Reporting that the outcome did not solve the customer's problem: the order is processed again."""

from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def report_unsolved(
    context: Context, id_: int, message: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.REPORT_UNSOLVED, change=Change(customer_note=message))
    return await act(context, id_, step, expected_version=expected_version)
