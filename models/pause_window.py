"""The table of pause windows, in which no merchant's clock runs."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import big
from models.tables import table_of


class PauseWindow(SQLModel, table=True):
    """A pause that the platform declared, from ``start_at`` up to but without ``end_at``."""

    __tablename__ = "pause_window"

    id: int = big(primary_key=True)
    name: str = Field(max_length=64)
    start_at: datetime = Field(index=True)
    end_at: datetime
    declared_by: str = Field(max_length=64)
    declared_at: datetime
    withdrawn_by: str | None = Field(default=None, max_length=64)
    withdrawn_at: datetime | None = None


pause_windows = table_of(PauseWindow)
