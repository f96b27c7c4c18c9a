"""A customer answers what the merchant asked; the review clock goes on with what was left."""

from collections.abc import Sequence

from domain.lifecycle import Action
from models.journal import Change
from resolvers.context import Context
from resolvers.idempotency import claim_key
from resolvers.service_orders.act import Acted, Plain, take
from resolvers.service_orders.attached import find_pictures


async def respond(
    context: Context,
    id_: int,
    *,
    text: str | None,
    pictures: Sequence[str],
    expected_version: int | None,
) -> Acted:
    """Raises Refused."""
    async with context.write_rows() as session:
        written = None
        if await claim_key(session, context, result={"id": id_}) is None:
            found = await find_pictures(session, context, context.merchant_id, pictures)
            details = {"pictures": [picture.stored() for picture in found]} if found else None
            step = Plain(action=Action.RESPOND, change=Change(customer_note=text, details=details))
            written = await take(session, context, id_, step, expected_version=expected_version)
    return Acted((context.merchant_id, id_), written)
