"""How far the sandbox clock is ahead of the clock on the wall; one row, on sandboxes only."""

from sqlmodel import SQLModel

from models.columns import big, whole
from models.tables import table_of


class SandboxClock(SQLModel, table=True):
    """The offset, in milliseconds."""

    __tablename__ = "sandbox_clock"

    id: int = whole(primary_key=True)
    ahead_ms: int = big()


sandbox_clocks = table_of(SandboxClock)
