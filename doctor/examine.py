"""Runs all checks on one snapshot of the database, one merchant at a time."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor import (
    accounts,
    clock,
    feed,
    merchants,
    orders,
    personal_data,
    pictures,
    quality,
    references,
    refunds,
    searches,
    staff,
    staff_history,
)
from doctor.faults import Fault
from doctor.finding import Finding
from doctor.pauses import Pause
from domain.clocks import Span
from models.merchant import merchants as merchant_table
from models.pause_window import pause_windows
from resolvers.pictures import Pictures

_PAGE: Final = 500


async def examine(
    connection: AsyncConnection, store: Pictures, now: datetime, report: Callable[[Finding], None]
) -> None:
    """Check everything that the connection sees, and report each finding at once.

    ``now`` is the desk's time, taken after the first read of the connection. Memory use does not
    grow with the database. The transaction lasts as long as the examination.
    """
    began_at = datetime.now(UTC)
    pauses = await _pauses(connection)
    global_checks = (
        _overlaps(pauses),
        _reversed(pauses),
        references.examine(connection),
        clock.examine(connection, now),
        accounts.examine(connection),
    )
    for check in global_checks:
        async for finding in check:
            report(finding)
    async for merchant_id in _merchants(connection):
        for check in (
            merchants.examine(connection, merchant_id),
            staff.examine(connection, merchant_id),
            staff_history.examine(connection, merchant_id),
            orders.examine(connection, merchant_id, pauses, now),
            refunds.examine(connection, merchant_id),
            searches.examine(connection, merchant_id),
            feed.examine(connection, merchant_id),
            personal_data.examine(connection, merchant_id),
            quality.examine(connection, merchant_id),
            pictures.examine(connection, store, merchant_id, began_at),
        ):
            async for finding in check:
                report(finding)
    async for finding in pictures.examine_strangers(connection, store):
        report(finding)


async def _pauses(connection: AsyncConnection) -> list[Pause]:
    rows = await connection.execute(sa.select(pause_windows).order_by(pause_windows.c.id))
    return [
        Pause(
            name=row.name,
            window=Span(row.start_at, row.end_at),
            declared_at=row.declared_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    ]


async def _overlaps(pauses: list[Pause]) -> AsyncIterator[Finding]:
    standing = (pause for pause in pauses if pause.withdrawn_at is None)
    ordered = sorted(standing, key=lambda pause: pause.window.start)
    for pause, following in pairwise(ordered):
        if pause.window.end > following.window.start:
            yield Finding(fault=Fault.PAUSES_OVERLAP, detail=f"{pause.name} and {following.name}")


async def _reversed(pauses: list[Pause]) -> AsyncIterator[Finding]:
    for pause in pauses:
        if pause.window.end <= pause.window.start:
            yield Finding(fault=Fault.PAUSE_REVERSED, detail=pause.name)
        elif pause.withdrawn_at is not None and pause.withdrawn_at < pause.declared_at:
            yield Finding(fault=Fault.PAUSE_REVERSED, detail=f"{pause.name} (withdrawn)")


async def _merchants(connection: AsyncConnection) -> AsyncIterator[int]:
    last = -1
    while True:
        result = await connection.execute(
            sa.select(merchant_table.c.id)
            .where(merchant_table.c.id > last)
            .order_by(merchant_table.c.id)
            .limit(_PAGE)
        )
        ids = result.scalars().all()
        for last in ids:
            yield last
        if len(ids) < _PAGE:
            return
