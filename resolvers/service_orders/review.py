"""Deciding on one service order."""

from collections.abc import Sequence

from domain.reviews import Decision
from models.prepared import Session
from resolvers.context import Context
from resolvers.service_orders.act import Acted, act_prepared
from resolvers.service_orders.decision import Review, prepare


async def review(
    context: Context,
    id_: int,
    decision: Decision,
    *,
    pictures: Sequence[str] = (),
    expected_version: int | None = None,
) -> Acted:
    """Raises Refused."""

    async def looked_up(session: Session) -> Review:
        return await prepare(session, context, decision, pictures)

    return await act_prepared(context, id_, looked_up, expected_version=expected_version)
