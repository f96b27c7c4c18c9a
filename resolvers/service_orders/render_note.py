"""Previewing the note that a template makes for an order."""

from domain.actions import Action
from domain.desk.reviews import NoteLanguage, ReviewDecision, TemplateChoice
from domain.refusals.refusal import Refused
from models.queries import service_orders
from resolvers.context import Context
from resolvers.service_orders.decision import prepare_decision


async def render_note(
    context: Context,
    template_id: int,
    order_id: int,
    decision: Action,
    *,
    language: NoteLanguage,
    return_address_id: int | None,
) -> str:
    """The note as the decision would store it. Whether the decision is allowed does not matter.

    Raises Refused.
    """
    choice = TemplateChoice(id=template_id, language=language, path=("id",))
    planned = ReviewDecision(
        action=decision, note_template=choice, return_address_id=return_address_id
    )
    async with context.read() as connection:
        order = await service_orders.get(connection, context.merchant_id, order_id)
        prepared = await prepare_decision(connection, context, planned, ())
    note = prepared.note_for(order)
    if note.problem is not None:
        raise Refused(note.problem)
    return note.text or ""
