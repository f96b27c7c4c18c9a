"""Stretches of time that the platform declared: no merchant's clock runs in them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import big
from models.tables import table_of


class PauseWindow(SQLModel, table=True):
    """A pause, from its first instant up to but without its last."""

    __tablename__ = "pause_window"

    id: int = big(primary_key=True)
    name: str = Field(max_length=64)
    start_at: datetime = Field(index=True)
    end_at: datetime
    declared_by: str = Field(max_length=64)
    declared_at: datetime


pause_windows = table_of(PauseWindow)
