"""Where in the database's log each viewer wrote last, to tell whether a replica shows it.

The mark is written in the transaction that it marks: whoever sees the mark sees what was written.
"""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from database.prepared import AnyConnection, Prepared
from database.replica import Marks
from models.columns import big
from models.tables import table_of

SLOTS: Final = 16
"""A connector may write in many transactions at once: they should not wait for one row."""
KEPT: Final = timedelta(days=1)
"""How far a replica may lag. What was written before that counts as seen."""


class WriteMark(SQLModel, table=True):
    """``viewer`` is a hash; ``position`` is PostgreSQL's log sequence number as a number."""

    __tablename__ = "write_mark"

    viewer: int = big(primary_key=True)
    slot: int = Field(primary_key=True)
    position: int = big()
    written_at: datetime = Field(index=True)


write_marks = table_of(WriteMark)


def _marking() -> Prepared:
    session = sa.func.pg_backend_pid() % SLOTS
    position = sa.text("(pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
    written = postgresql.insert(write_marks).from_select(
        ["viewer", "slot", "position", "written_at"],
        sa.select(sa.bindparam("number", type_=sa.BigInteger), session, position, sa.func.now()),
    )
    return Prepared(
        written.on_conflict_do_update(
            index_elements=["viewer", "slot"],
            set_={name: written.excluded[name] for name in ("position", "written_at")},
        ).returning(write_marks.c.slot)
    )


_MARKING: Final = _marking()


class TableOfMarks:
    """The marks as rows of ``write_mark``; see `database.replica.WriteMarks`."""

    async def mark(self, connection: AnyConnection, viewer: int) -> None:
        """Mark the transaction that is about to end as the viewer's latest."""
        await _MARKING.all(connection, number=viewer)

    async def marks_of(self, connection: AsyncConnection, viewer: int) -> Marks:
        """Return the viewer's marks that this server shows."""
        rows = await connection.execute(
            sa.select(write_marks.c.slot, write_marks.c.position).where(
                write_marks.c.viewer == viewer, write_marks.c.written_at > sa.func.now() - KEPT
            )
        )
        return {row.slot: row.position for row in rows}


async def forget_old(connection: AsyncConnection) -> None:
    """Drop the marks that no replica needs any more."""
    await connection.execute(
        sa.delete(write_marks).where(write_marks.c.written_at <= sa.func.now() - KEPT)
    )
