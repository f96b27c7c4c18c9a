"""A customer answers what the merchant asked; the review clock goes on with what was left."""

from collections.abc import Sequence

from database.prepared import AnyConnection
from domain.lifecycle import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import Plain, StepOutcome, act_prepared
from resolvers.service_orders.attached import find_pictures


async def respond(
    context: Context,
    id_: int,
    *,
    text: str | None,
    pictures: Sequence[str],
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""

    async def with_pictures(session: AnyConnection) -> Plain:
        found = await find_pictures(session, context, context.merchant_id, pictures)
        details = {"pictures": [picture.stored() for picture in found]} if found else None
        return Plain(action=Action.RESPOND, change=Change(customer_note=text, details=details))

    return await act_prepared(context, id_, with_pictures, expected_version=expected_version)
