"""Templates of notes to the customer."""

from datetime import datetime

import strawberry

from domain.actions import Action
from models.note_template import note_templates
from schema import ids
from schema.fields import column, computed, projected
from schema.types.refusal import Refusal


@projected(note_templates)
@strawberry.type(
    description=(
        "留言模板. A merchant's template of notes to the customer. Its placeholders are "
        "`{number}`, `{goods}` and `{returnAddress}`; `{{` and `}}` stand for braces."
    )
)
class NoteTemplate:
    """A template."""

    id: strawberry.ID = computed(
        ids.of_tenant("NoteTemplate"),
        (note_templates.c.merchant_id, note_templates.c.id),
        "The globally unique id.",
    )
    name: str = column(note_templates.c.name, "The name. Unique within the merchant.")
    text_zh: str = column(note_templates.c.text_zh, "The text in Chinese.")
    text_en: str | None = column(
        note_templates.c.text_en, "The text in English. Null if there is none."
    )
    decisions: list[Action] = column(
        note_templates.c.decisions,
        "The review decisions that the template is for. Empty: all of them.",
        lambda stored: [Action(value) for value in stored],
    )
    position: int = column(
        note_templates.c.position, "The position among the merchant's templates."
    )
    updated_at: datetime = column(
        note_templates.c.updated_at, "When the template was last changed."
    )


@strawberry.type(description="The note that a template makes for an order.")
class RenderedNote:
    """A preview."""

    text: str | None = strawberry.field(
        default=None, description="The note. Null if the decision would be refused because of it."
    )
    refusals: list[Refusal] = strawberry.field(
        default_factory=list,
        description="The reasons why there is no note. Empty if there is one.",
    )
