"""Deciding on one service order."""

from collections.abc import Sequence

from database.prepared import AnyConnection
from domain.reviews import ReviewDecision
from resolvers.context import Context
from resolvers.service_orders.act import StepOutcome, act_prepared
from resolvers.service_orders.decision import PreparedDecision, prepare


async def review(
    context: Context,
    id_: int,
    decision: ReviewDecision,
    *,
    pictures: Sequence[str] = (),
    expected_version: int | None = None,
) -> StepOutcome:
    """Raises Refused."""

    async def looked_up(session: AnyConnection) -> PreparedDecision:
        return await prepare(session, context, decision, pictures)

    return await act_prepared(context, id_, looked_up, expected_version=expected_version)
