"""The whole examination: one state of the database, a merchant at a time."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor import clock, merchants, orders, pictures, references, staff
from doctor.finding import Finding
from domain.clocks import Span
from domain.faults import Fault
from domain.replay import Pause
from models.merchant import merchants as merchant_table
from models.pause_window import pause_windows
from resolvers.pictures import Pictures

_PAGE: Final = 500


async def examine(
    connection: AsyncConnection, store: Pictures, now: datetime, tell: Callable[[Finding], None]
) -> None:
    """Check everything that the connection sees, and tell each finding as it is found.

    ``now`` is the desk's time, taken after the connection's first look. Memory does not grow with
    the database. The transaction lasts as long as the examination does.
    """
    began_at = datetime.now(UTC)
    pauses = await _pauses(connection)
    whole = (
        _overlaps(pauses),
        _reversed(pauses),
        references.examine(connection),
        clock.examine(connection, now),
    )
    for check in whole:
        async for finding in check:
            tell(finding)
    async for merchant_id in _merchants(connection):
        for check in (
            merchants.examine(connection, merchant_id),
            staff.examine(connection, merchant_id),
            orders.examine(connection, merchant_id, pauses, now),
            pictures.examine(connection, store, merchant_id, began_at),
        ):
            async for finding in check:
                tell(finding)
    async for finding in pictures.examine_strangers(connection, store):
        tell(finding)


async def _pauses(connection: AsyncConnection) -> list[Pause]:
    found = await connection.execute(sa.select(pause_windows).order_by(pause_windows.c.start_at))
    return [
        Pause(name=row.name, window=Span(row.start_at, row.end_at), declared_at=row.declared_at)
        for row in found
    ]


async def _overlaps(pauses: list[Pause]) -> AsyncIterator[Finding]:
    for one, other in pairwise(pauses):
        if one.window.end > other.window.start:
            yield Finding(fault=Fault.PAUSES_OVERLAP, said=f"{one.name} and {other.name}")


async def _reversed(pauses: list[Pause]) -> AsyncIterator[Finding]:
    for one in pauses:
        if one.window.end <= one.window.start:
            yield Finding(fault=Fault.PAUSE_REVERSED, said=one.name)


async def _merchants(connection: AsyncConnection) -> AsyncIterator[int]:
    last = -1
    while True:
        found = await connection.execute(
            sa.select(merchant_table.c.id)
            .where(merchant_table.c.id > last)
            .order_by(merchant_table.c.id)
            .limit(_PAGE)
        )
        ids = found.scalars().all()
        for last in ids:
            yield last
        if len(ids) < _PAGE:
            return
