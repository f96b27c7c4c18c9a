"""Making the notes of a decision from one of the merchant's templates."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.actions import Action
from domain.addresses import Address
from domain.desk.note_templates import Note, NoteTemplate, note_for, usability_problem
from domain.desk.reviews import ReviewDecision, TemplateChoice
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.note_template import note_templates
from models.queries.service_orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatedNote:
    """A template, and how a decision uses it."""

    template: NoteTemplate
    choice: TemplateChoice

    def for_order(self, order: Order, address: Address | None) -> Note:
        """The note with what the order gets. ``address`` is where its goods go, if anywhere."""
        return note_for(
            self.template,
            self.choice.language,
            *self.choice.path,
            number=order.id,
            goods=order.item_name,
            address=address,
        )


async def prepare_note(
    session: AnyConnection, merchant_id: int, decision: ReviewDecision
) -> TemplatedNote | None:
    """The template that the decision names, None for none. Raises Refused."""
    if decision.note_template is None:
        return None
    return await get_note(session, merchant_id, decision.note_template, decision.action)


async def get_note(
    session: AnyConnection, merchant_id: int, choice: TemplateChoice, decision: Action
) -> TemplatedNote:
    """The merchant's template, for the decision. Raises Refused."""
    rows = await _TEMPLATE.all(session, merchant_id=merchant_id, id=choice.id)
    if not rows:
        raise Refused(NotFound(kind="NoteTemplate", path=choice.path))
    template = NoteTemplate(
        text_zh=rows[0].text_zh,
        text_en=rows[0].text_en,
        decisions=tuple(Action(value) for value in rows[0].decisions),
    )
    problem = usability_problem(template, choice.language, decision, *choice.path)
    if problem is not None:
        raise Refused(problem)
    return TemplatedNote(template=template, choice=choice)


_TEMPLATE: Final = Prepared(
    sa.select(note_templates.c.text_zh, note_templates.c.text_en, note_templates.c.decisions).where(
        note_templates.c.merchant_id == sa.bindparam("merchant_id"),
        note_templates.c.id == sa.bindparam("id"),
    )
)
