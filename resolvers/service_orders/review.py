"""Deciding on one service order."""

from collections.abc import Sequence

from domain.reviews import Decision
from resolvers.context import Context
from resolvers.idempotency import claim_key
from resolvers.service_orders.act import Acted, take
from resolvers.service_orders.decision import prepare


async def review(
    context: Context,
    id_: int,
    decision: Decision,
    *,
    pictures: Sequence[str] = (),
    expected_version: int | None = None,
) -> Acted:
    """Raises Refused."""
    async with context.write_rows() as session:
        written = None
        if await claim_key(session, context, result={"id": id_}) is None:
            step = await prepare(session, context, decision, pictures)
            written = await take(session, context, id_, step, expected_version=expected_version)
    return Acted((context.merchant_id, id_), written)
