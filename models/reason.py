"""The table of merchants' own reasons. The platform's stand in ``domain/reasons.py``."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import big, json
from models.tables import table_of


class Reason(SQLModel, table=True):
    """A merchant's own reason or group of reasons. Rows are never deleted.

    The code never changes, and tells the use. ``parent`` is the code of the group, one of the
    platform's or one of the merchant's own, and so no foreign key; None for a group.
    """

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    code: str = Field(max_length=64, primary_key=True)
    parent: str | None = Field(default=None, max_length=64)
    name_zh: str = Field(max_length=64)
    name_en: str = Field(max_length=64)
    decisions: list[str] = json(default_factory=list)
    position: int
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None = None


reasons = table_of(Reason)
