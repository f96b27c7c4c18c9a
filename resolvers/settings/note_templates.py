"""A merchant's templates of notes to the customer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.actions import Action
from domain.characters import folded
from domain.desk.note_templates import MAX_NOTE_TEMPLATES, template_problem
from domain.refusals.general import NotFound
from domain.refusals.notes import TooManyNoteTemplates
from domain.refusals.refusal import Refused
from domain.refusals.staff import NameTaken
from models.ids import new_id
from models.note_template import NoteTemplate, note_templates
from models.tables import add
from resolvers.context import Context

TemplateKey = tuple[int, int]
_Names = Sequence[Any]
"""Rows with the ids and names of templates. Any: SQLAlchemy types rows by their statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """The values of a template to set; None leaves a value as it is.

    ``text_en`` is None without an English text, if ``sets_text_en``.
    """

    name: str | None = None
    text_zh: str | None = None
    text_en: str | None = None
    sets_text_en: bool = False
    decisions: Sequence[Action] | None = None
    position: int | None = None

    def check(self) -> None:
        """Raises Refused for a text with a placeholder that does not exist."""
        for text, path in ((self.text_zh, "textZh"), (self.text_en, "textEn")):
            problem = None if text is None else template_problem(text, path)
            if problem is not None:
                raise Refused(problem)

    def values(self) -> dict[str, Any]:  # Any: of the columns
        values: dict[str, Any] = {
            "name": self.name,
            "text_zh": self.text_zh,
            "decisions": None if self.decisions is None else list(self.decisions),
            "position": self.position,
        }
        given = {name: value for name, value in values.items() if value is not None}
        return given | ({"text_en": self.text_en} if self.sets_text_en else {})


async def create_template(context: Context, change: TemplateChange) -> TemplateKey:
    """Raises Refused."""
    change.check()
    merchant_id, id_ = context.merchant_id, new_id()
    async with _change(context) as (connection, rows):
        if len(rows) >= MAX_NOTE_TEMPLATES:
            raise Refused(TooManyNoteTemplates(limit=MAX_NOTE_TEMPLATES))
        _check_name(rows, change.name, own_id=None)
        row = NoteTemplate(
            merchant_id=merchant_id,
            id=id_,
            **change.values(),
            created_at=context.now,
            updated_at=context.now,
        )
        await add(connection, row)
    return merchant_id, id_


async def update_template(context: Context, id_: int, change: TemplateChange) -> TemplateKey:
    """Raises Refused."""
    change.check()
    async with _change(context) as (connection, rows):
        _check_exists(rows, id_)
        _check_name(rows, change.name, own_id=id_)
        await connection.execute(
            sa.update(note_templates)
            .where(note_templates.c.merchant_id == context.merchant_id, note_templates.c.id == id_)
            .values(**change.values(), updated_at=context.now)
        )
    return context.merchant_id, id_


async def delete_template(context: Context, id_: int) -> None:
    """Delete the template. Notes that were made from it stay. Raises Refused."""
    async with _change(context) as (connection, rows):
        _check_exists(rows, id_)
        await connection.execute(
            sa.delete(note_templates).where(
                note_templates.c.merchant_id == context.merchant_id, note_templates.c.id == id_
            )
        )


@asynccontextmanager
async def _change(
    context: Context,
) -> AsyncIterator[tuple[AsyncConnection, _Names]]:
    """A write transaction, one at a time per merchant, and the ids and names before it."""
    async with context.write() as connection:
        await lock(connection, "note templates", context.merchant_id)
        query = sa.select(note_templates.c.id, note_templates.c.name).where(
            note_templates.c.merchant_id == context.merchant_id
        )
        yield connection, (await connection.execute(query)).all()


def _check_exists(rows: _Names, id_: int) -> None:
    if all(row.id != id_ for row in rows):
        raise Refused(NotFound(kind="NoteTemplate", path=("id",)))


def _check_name(rows: _Names, name: str | None, *, own_id: int | None) -> None:
    if name is None:
        return
    if any(folded(row.name) == folded(name) and row.id != own_id for row in rows):
        raise Refused(NameTaken(name=name, path=("name",)))
