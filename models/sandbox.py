"""The table of the sandbox clock's offset: one row, on sandboxes only."""

from sqlmodel import SQLModel

from models.columns import big, whole
from models.tables import table_of


class SandboxClock(SQLModel, table=True):
    """How far the sandbox clock is ahead of the real time."""

    __tablename__ = "sandbox_clock"

    id: int = whole(primary_key=True)
    ahead_ms: int = big()


sandbox_clocks = table_of(SandboxClock)
