"""Deciding on one service order."""

from collections.abc import Sequence

from domain.reviews import Decision
from resolvers.context import Context
from resolvers.idempotency import claim_key
from resolvers.service_orders.act import Key, take
from resolvers.service_orders.decision import prepare


async def review(
    context: Context,
    id_: int,
    decision: Decision,
    *,
    pictures: Sequence[str] = (),
    expected_version: int | None = None,
) -> Key:
    """Raises Refused."""
    async with context.write() as connection:
        if await claim_key(connection, context, result={"id": id_}) is None:
            step = await prepare(connection, context, decision, pictures)
            await take(connection, context, id_, step, expected_version=expected_version)
    return context.merchant_id, id_
