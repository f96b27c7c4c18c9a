"""Receiving the goods and recording the inspection (拆包登记)."""

from collections.abc import Mapping

from domain.lifecycle import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def receive(
    context: Context, id_: int, findings: Mapping[str, str], *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = PlainStep(action=Action.RECEIVE, change=Change(details=dict(findings)))
    return await act(context, id_, step, expected_version=expected_version)
