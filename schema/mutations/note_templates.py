"""Mutations of a merchant's templates of notes to the customer."""

import strawberry

from domain.actions import Action
from domain.desk.note_templates import MAX_NOTE_TEMPLATES, MAX_TEMPLATE, PLACEHOLDERS
from domain.own_reasons import MAX_POSITION, decisions_of
from domain.permissions import Permission
from domain.reasons import DECISIONS
from domain.words import MAX_NAME, at_most, between, line, optional_words, words
from execution.sources import object_source
from resolvers.settings.note_templates import (
    TemplateChange,
    create_template,
    delete_template,
    update_template,
)
from schema import ids
from schema.fields import Info, mutation
from schema.types.note_template import NoteTemplate
from schema.types.payload import DeletedPayload, refusals_field
from schema.types.refusal import Refusal

_NAME = f"unique within the merchant. At most {MAX_NAME} characters."
_TEXT = (
    f"At most {MAX_TEMPLATE:,} characters. The placeholders are {', '.join(PLACEHOLDERS)}; a brace "
    "itself is written twice."
)
_DECISIONS = "The review decisions that the template is for. Empty: all of them."
_POSITION = (
    f"The position among the merchant's templates, 0 to {MAX_POSITION:,}. Equal positions are "
    "sorted by age."
)


@strawberry.input(
    description=f"The template to create. A merchant can have {MAX_NOTE_TEMPLATES} templates."
)
class CreateNoteTemplateInput:
    """A template."""

    name: str = strawberry.field(description=f"The name, {_NAME}")
    text_zh: str = strawberry.field(description=f"The text in Chinese. {_TEXT}")
    text_en: str | None = strawberry.field(
        default=None, description=f"The text in English. {_TEXT}"
    )
    decisions: list[Action] = strawberry.field(default_factory=list, description=_DECISIONS)
    position: int = strawberry.field(default=0, description=_POSITION)


@strawberry.input(description="The changes to a template. Fields that are left out do not change.")
class UpdateNoteTemplateInput:
    """A change."""

    id: strawberry.ID = strawberry.field(description="The id of the template.")
    name: str | None = strawberry.field(default=None, description=f"The new name, {_NAME}")
    text_zh: str | None = strawberry.field(
        default=None, description=f"The new text in Chinese. {_TEXT}"
    )
    text_en: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"The new text in English; null removes it. {_TEXT}",
    )
    decisions: list[Action] | None = strawberry.field(default=None, description=_DECISIONS)
    position: int | None = strawberry.field(default=None, description=_POSITION)


@strawberry.input(description="The template to delete.")
class DeleteNoteTemplateInput:
    """A deletion."""

    id: strawberry.ID = strawberry.field(description="The id of the template.")


@strawberry.type(description="The saved template.")
class NoteTemplatePayload:
    """A template's payload."""

    note_template: NoteTemplate | None = strawberry.field(
        default=None, description="The template. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


def _change(input_: CreateNoteTemplateInput | UpdateNoteTemplateInput) -> TemplateChange:
    """Raises BadInput."""
    decisions, position, text_en = input_.decisions, input_.position, input_.text_en
    if decisions is not None:
        at_most(decisions, "decisions", most=len(DECISIONS))
    if position is not None:
        between(position, "position", least=0, most=MAX_POSITION)
    return TemplateChange(
        name=None if input_.name is None else line(input_.name, "name", longest=MAX_NAME),
        text_zh=(
            None
            if input_.text_zh is None
            else words(input_.text_zh, "textZh", longest=MAX_TEMPLATE)
        ),
        text_en=optional_words(text_en or None, "textEn", longest=MAX_TEMPLATE),
        sets_text_en=text_en is not strawberry.UNSET,
        decisions=None if decisions is None else decisions_of(decisions, "decisions"),
        position=position,
    )


@strawberry.type
class NoteTemplateMutations:
    """Mutations of templates."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def create_note_template(
        self, info: Info, input: CreateNoteTemplateInput
    ) -> NoteTemplatePayload:
        """新增留言模板. Creates a template of notes to the customer."""
        key = await create_template(info.context, _change(input))
        return NoteTemplatePayload(note_template=object_source("NoteTemplate", key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def update_note_template(
        self, info: Info, input: UpdateNoteTemplateInput
    ) -> NoteTemplatePayload:
        """修改留言模板. Changes a template. Notes that were made from it stay as they are."""
        id_ = ids.within(info.context.merchant_id, "NoteTemplate", input.id, "id")
        key = await update_template(info.context, id_, _change(input))
        return NoteTemplatePayload(note_template=object_source("NoteTemplate", key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def delete_note_template(
        self, info: Info, input: DeleteNoteTemplateInput
    ) -> DeletedPayload:
        """删除留言模板. Deletes a template. Notes that were made from it stay as they are."""
        merchant = info.context.merchant_id
        await delete_template(info.context, ids.within(merchant, "NoteTemplate", input.id, "id"))
        return DeletedPayload(done=True, deleted_id=input.id)
