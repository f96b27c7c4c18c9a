"""Reviewing one service order."""

from collections.abc import Sequence

from database.prepared import AnyConnection
from domain.desk.reviews import ReviewDecision
from resolvers.context import Context
from resolvers.service_orders.act import StepOutcome, act_prepared
from resolvers.service_orders.decision import PreparedDecision, prepare_decision


async def review(
    context: Context,
    id_: int,
    decision: ReviewDecision,
    *,
    pictures: Sequence[str] = (),
    expected_version: int | None = None,
) -> StepOutcome:
    """Raises Refused."""

    async def prepare_step(session: AnyConnection) -> PreparedDecision:
        return await prepare_decision(session, context, decision, pictures)

    return await act_prepared(context, id_, prepare_step, expected_version=expected_version)
