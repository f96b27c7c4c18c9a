"""The table of merchants' templates of notes to the customer."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import big, json, long_text
from models.tables import table_of


class NoteTemplate(SQLModel, table=True):
    """A template. ``decisions`` are those it is for; all if there are none."""

    __tablename__ = "note_template"

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    name: str = Field(max_length=64)
    text_zh: str = long_text()
    text_en: str | None = long_text(default=None)
    decisions: list[str] = json(default_factory=list)
    position: int
    created_at: datetime
    updated_at: datetime


note_templates = table_of(NoteTemplate)
