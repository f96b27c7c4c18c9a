"""Queries of a merchant's templates of notes, and the preview of a note."""

from typing import Annotated

import strawberry

from domain.actions import Action
from domain.desk.reviews import NoteLanguage
from domain.own_reasons import decisions_of
from domain.permissions import Permission
from domain.refusals.refusal import Refused
from execution.sources import list_source
from models.note_template import note_templates
from projection.conditions import equals
from resolvers.service_orders.render_note import render_note
from schema import ids
from schema.fields import Info, query
from schema.types.note_template import NoteTemplate, RenderedNote
from schema.types.refusal import present

_TEMPLATE_OF = equals(note_templates.c.merchant_id)


@strawberry.type
class NoteTemplateQueries:
    """Queries of templates."""

    @query(Permission.REVIEW, Permission.SETTINGS_MANAGE)
    def note_templates(self, info: Info) -> list[NoteTemplate]:
        """留言模板. Returns the templates of notes of the viewer's merchant, by position."""
        where = (_TEMPLATE_OF(info.context.merchant_id),)
        return list_source("NoteTemplate", where, note_templates.c.position, note_templates.c.id)

    @query(Permission.REVIEW)
    async def render_note_template(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the template.")],
        service_order_id: Annotated[
            strawberry.ID, strawberry.argument(description="The id of the service order.")
        ],
        decision: Annotated[
            Action, strawberry.argument(description="The review decision that the note goes with.")
        ],
        return_address_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The return address of an approval. Defaults as for the approval."
            ),
        ] = None,
        note_language: Annotated[
            NoteLanguage, strawberry.argument(description="The language of the note.")
        ] = NoteLanguage.ZH,
    ) -> RenderedNote:
        """预览留言. Returns the note that a template makes for an order. Changes nothing."""
        context = info.context
        merchant = context.merchant_id
        decisions_of((decision,), "decision")
        try:
            address = None
            if return_address_id is not None:
                path = "returnAddressId"
                address = ids.within(merchant, "ReturnAddress", return_address_id, path)
            note = await render_note(
                context,
                ids.within(merchant, "NoteTemplate", id, "id"),
                ids.within(merchant, "ServiceOrder", service_order_id, "serviceOrderId"),
                decision,
                language=note_language,
                return_address_id=address,
            )
        except Refused as refused:
            return RenderedNote(refusals=present(refused.refusals, context))
        return RenderedNote(text=note)
