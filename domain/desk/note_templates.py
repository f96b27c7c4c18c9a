"""Templates of notes to the customer: their placeholders, and the note for an order."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.actions import Action
from domain.addresses import Address
from domain.desk.reviews import MAX_NOTE, NoteLanguage
from domain.refusals.notes import (
    NoEnglishText,
    NoteTooLong,
    PlaceholderEmpty,
    TemplateNotForDecision,
    UnknownPlaceholder,
)
from domain.refusals.refusal import Refusal

MAX_NOTE_TEMPLATES: Final = 100
MAX_TEMPLATE: Final = 1_000
"""The maximum length of a template, in characters. A note is shorter: ``MAX_NOTE``."""

PLACEHOLDERS: Final = ("{number}", "{goods}", "{returnAddress}")

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
_BRACES: Final = {"{{": "{", "}}": "}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTemplate:
    """A template. It is for all decisions if it names none."""

    text_zh: str
    text_en: str | None
    decisions: tuple[Action, ...]


class Note(NamedTuple):
    """The note for an order, or why there is none."""

    text: str | None
    problem: Refusal | None


def template_problem(text: str, *path: str) -> Refusal | None:
    """Why the text cannot be a template. ``path`` leads to the text."""
    for token in _tokens(text):
        if token[0] in "{}" and token not in _BRACES and token not in PLACEHOLDERS:
            return UnknownPlaceholder(placeholder=token, known=PLACEHOLDERS, path=path)
    return None


def usability_problem(
    template: NoteTemplate, language: NoteLanguage, decision: Action, *path: str
) -> Refusal | None:
    """Why the template cannot be used for the decision, whatever the order."""
    if template.decisions and decision not in template.decisions:
        return TemplateNotForDecision(decision=decision, decisions=template.decisions, path=path)
    if language is NoteLanguage.EN and template.text_en is None:
        return NoEnglishText(path=path)
    return None


def note_for(
    template: NoteTemplate,
    language: NoteLanguage,
    *path: str,
    number: int,
    goods: str,
    address: Address | None,
) -> Note:
    """The note for an order. ``address`` is where the customer sends the goods, if anywhere."""
    values = {
        "{number}": str(number),
        "{goods}": goods,
        "{returnAddress}": None if address is None else _line(address),
    }
    text = template.text_en if language is NoteLanguage.EN else template.text_zh
    parts = []
    for token in _tokens(text or ""):
        part = _part(token, values)
        if part is None:
            return Note(None, PlaceholderEmpty(placeholder=token, path=path))
        parts.append(part)
    note = "".join(parts).strip()
    if len(note) > MAX_NOTE:
        return Note(None, NoteTooLong(length=len(note), limit=MAX_NOTE, path=path))
    return Note(note, None)


def _part(token: str, values: Mapping[str, str | None]) -> str | None:
    return values[token] if token in values else _BRACES.get(token, token)


def _tokens(text: str) -> Iterator[str]:
    return (match[0] for match in _TOKEN.finditer(text))


def _line(address: Address) -> str:
    """The address as it stands on a parcel, in one line."""
    lines = (address.contact, address.phone, address.region, address.detail, address.zip)
    return " ".join(part for part in lines if part)
