"""Responding to a request for information: the review clock resumes with the time left."""

from collections.abc import Sequence

from database.prepared import AnyConnection
from domain.actions import Action
from models.journal.change import Change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act_prepared
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

    async def prepare_step(session: AnyConnection) -> PlainStep:
        attached = await find_pictures(session, context, context.merchant_id, pictures)
        stored = [picture.stored() for picture in attached]
        details = {"pictures": stored} if stored else None
        return PlainStep(action=Action.RESPOND, change=Change(customer_note=text, details=details))

    return await act_prepared(context, id_, prepare_step, expected_version=expected_version)
