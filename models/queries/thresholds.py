"""The thresholds of figures: those of a merchant, and the platform's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.quality.thresholds import Threshold
from models.alerts import platform_thresholds, quality_watches

_PLATFORM: Final = 1
"""The id of the platform's only row."""


@dataclass(frozen=True, slots=True)
class ThresholdSet:
    """All thresholds of a merchant, or of the platform, and how often they were set."""

    version: int = 0
    thresholds: Sequence[Threshold] = ()


async def of_merchant(connection: AsyncConnection, merchant_id: int) -> ThresholdSet:
    """The merchant's own."""
    watches = quality_watches.c
    return await _read(
        connection,
        sa.select(watches.version, watches.thresholds).where(watches.merchant_id == merchant_id),
    )


async def of_platform(connection: AsyncConnection) -> ThresholdSet:
    """The platform's, which hold for every merchant."""
    table = platform_thresholds.c
    return await _read(
        connection, sa.select(table.version, table.thresholds).where(table.id == _PLATFORM)
    )


async def replace_merchants(
    connection: AsyncConnection, merchant_id: int, changed: ThresholdSet
) -> bool:
    """Replace the merchant's; False if they are not at the version before."""
    await create_watch(connection, merchant_id)
    watches = quality_watches.c
    result = await connection.execute(
        sa.update(quality_watches)
        .where(watches.merchant_id == merchant_id, watches.version == changed.version - 1)
        .values(**_values(changed), number=len(changed.thresholds), turn=watches.turn + 1)
    )
    return result.rowcount == 1


async def replace_platforms(connection: AsyncConnection, changed: ThresholdSet) -> bool:
    """Replace the platform's; False if they are not at the version before."""
    insert = _insert(connection, platform_thresholds)
    first = {"id": _PLATFORM, "version": 0, "thresholds": []}
    await connection.execute(insert.on_conflict_do_nothing(), first)
    table = platform_thresholds.c
    result = await connection.execute(
        sa.update(platform_thresholds)
        .where(table.id == _PLATFORM, table.version == changed.version - 1)
        .values(_values(changed))
    )
    return result.rowcount == 1


async def create_watch(connection: AsyncConnection, merchant_id: int) -> None:
    """Create the watch of a merchant that has none."""
    values = {
        "merchant_id": merchant_id,
        "version": 0,
        "thresholds": [],
        "number": 0,
        "turn": 0,
        "position": 0,
        "compared_version": 0,
        "platform_version": 0,
    }
    await connection.execute(_insert(connection, quality_watches).on_conflict_do_nothing(), values)


async def _read(connection: AsyncConnection, query: sa.Select[Any]) -> ThresholdSet:
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return ThresholdSet()
    return ThresholdSet(row.version, [Threshold.read(stored) for stored in row.thresholds])


def _values(changed: ThresholdSet) -> dict[str, Any]:  # Any: of the columns
    stored = [threshold.stored() for threshold in changed.thresholds]
    return {"version": changed.version, "thresholds": stored}


def _insert(connection: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
