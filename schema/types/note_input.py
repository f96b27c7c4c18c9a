"""The note of a decision in its input: the text itself, or one of the merchant's templates."""

from typing import Any, Final

import strawberry

from domain.desk.reviews import MAX_NOTE, NoteLanguage, TemplateChoice
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import optional_words
from resolvers.context import Context
from schema import ids

_ATTRIBUTES: Final = {"customerNote": "customer_note", "question": "question"}


def template_id_field(note: str = "customerNote") -> Any:  # Any: a field stands as a default
    return strawberry.field(
        default=None,
        description=(
            f"留言模板. The template that makes `{note}`, in its place, for each order with what "
            "that order gets."
        ),
    )


def note_language_field() -> Any:  # Any: the same
    return strawberry.field(
        default=NoteLanguage.ZH, description="The language of the template's text."
    )


def note_or_template(
    outcome: Any,
    context: Context,
    *path: str,
    required: bool = False,
    note: str = "customerNote",
) -> tuple[str | None, TemplateChoice | None]:
    """The text, or the template. Raises BadInput for both, and for neither if ``required``."""
    attribute = _ATTRIBUTES[note]
    template_id: str | None = getattr(outcome, f"{attribute}_template_id")
    text = optional_words(getattr(outcome, attribute), *path, note, longest=MAX_NOTE)
    if text is not None and template_id is not None:
        message = Text("留言与模板只能填一个", "Give the text or a template, not both.")
        raise BadInput((*path, note), message)
    if template_id is None:
        if text is None and required:
            raise BadInput((*path, note), Text("不能为空", "This must not be empty."))
        return text, None
    template_path = (*path, f"{note}TemplateId")
    id_ = ids.within(context.viewer.merchant_id, "NoteTemplate", template_id, *template_path)
    return None, TemplateChoice(id=id_, language=outcome.note_language, path=template_path)
