"""Write marks: each viewer's last position in the database's log, to be compared with a replica's.

A mark is written in the transaction that it marks: a server that shows the mark shows the writes.
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
"""Rows for each viewer, so that concurrent transactions of a connector do not share one."""
KEPT: Final = timedelta(days=1)
"""The most that a replica may lag: it counts as showing all earlier writes."""


class WriteMark(SQLModel, table=True):
    """``viewer`` is a hash; ``position`` is PostgreSQL's log sequence number as a number."""

    __tablename__ = "write_mark"

    viewer: int = big(primary_key=True)
    slot: int = Field(primary_key=True)
    position: int = big()
    written_at: datetime = Field(index=True)


write_marks = table_of(WriteMark)


def _upsert() -> Prepared:
    session = sa.func.pg_backend_pid() % SLOTS
    position = sa.text("(pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
    insert = postgresql.insert(write_marks).from_select(
        ["viewer", "slot", "position", "written_at"],
        sa.select(sa.bindparam("number", type_=sa.BigInteger), session, position, sa.func.now()),
    )
    return Prepared(
        insert.on_conflict_do_update(
            index_elements=["viewer", "slot"],
            set_={name: insert.excluded[name] for name in ("position", "written_at")},
        ).returning(write_marks.c.slot)
    )


_UPSERT: Final = _upsert()


class WriteMarkTable:
    """Write marks in the table; the protocol is ``database.replica.WriteMarks``."""

    async def mark(self, connection: AnyConnection, viewer: int) -> None:
        """Mark the current transaction as the viewer's latest. Call it last."""
        await _UPSERT.all(connection, number=viewer)

    async def marks_of(self, connection: AsyncConnection, viewer: int) -> Marks:
        """The viewer's marks that this server shows."""
        rows = await connection.execute(
            sa.select(write_marks.c.slot, write_marks.c.position).where(
                write_marks.c.viewer == viewer, write_marks.c.written_at > sa.func.now() - KEPT
            )
        )
        return {row.slot: row.position for row in rows}


async def delete_expired(connection: AsyncConnection) -> None:
    """Delete the marks that no replica needs any more."""
    await connection.execute(
        sa.delete(write_marks).where(write_marks.c.written_at <= sa.func.now() - KEPT)
    )
