"""Comparing figures with thresholds: which merchants are due, their alerts, and the log of alerts.

The positions of the log ascend over all merchants in the order of the commits: a transaction takes
its positions under one lock, which it holds until it ends. A reader that is at a position misses
nothing that follows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from database.prepared import AnyConnection, Prepared
from domain.quality.figures import Figure
from domain.quality.thresholds import AlertChange, Threshold, Watched
from models.alerts import (
    QualityAlert,
    QualityAlertEvent,
    quality_alert_events,
    quality_alerts,
    quality_watches,
)
from models.merchant import merchants
from models.quality import quality_heads
from models.queries.presence import is_present, of_present
from models.tables import add

_watch: Final = quality_watches.c
_head: Final = quality_heads.c
_alert: Final = quality_alerts.c
_event: Final = quality_alert_events.c


class Due(NamedTuple):
    """When the figures of a merchant are compared again.

    ``moments_ago``: if a case has changed since, ``long_ago``: in any case, because days pass.
    """

    definitions: int
    platform_version: int
    has_platforms: bool
    moments_ago: datetime
    long_ago: datetime


class Standing(NamedTuple):
    """What a merchant's thresholds and cases are at. ``version`` is that of its thresholds."""

    turn: int
    version: int
    thresholds: Sequence[Threshold]
    position: int
    time_zone: str


async def find_due(connection: AsyncConnection, due: Due, *, most: int) -> Sequence[int]:
    """Merchants whose figures are to be compared, and whose cases are all derived."""
    has_any = sa.true() if due.has_platforms else _watch.number > 0
    is_new = sa.true() if due.has_platforms else sa.false()
    statement = (
        sa.select(_head.merchant_id)
        .join(merchants, merchants.c.id == _head.merchant_id)
        .outerjoin(
            quality_watches,
            sa.and_(
                _watch.merchant_id == _head.merchant_id,
                *is_present(connection, _watch.merchant_id),
            ),
        )
        .where(
            *_is_derived(due.definitions),
            (_watch.merchant_id.is_(None) & is_new)
            | (_watch.compared_version != _watch.version)
            | (_watch.platform_version != due.platform_version)
            | (
                has_any
                & (
                    _watch.compared_at.is_(None)
                    | (_watch.compared_at <= due.long_ago)
                    | (
                        (_watch.position != _head.position)
                        & (_watch.compared_at <= due.moments_ago)
                    )
                )
            ),
        )
        .order_by(_head.merchant_id)
        .limit(most)
    )
    due_of = of_present(connection, statement, _head.merchant_id, merchants.c.id)
    rows = await connection.execute(due_of)
    return list(rows.scalars())


async def standing(
    connection: AsyncConnection, merchant_id: int, definitions: int
) -> Standing | None:
    """None if the merchant has no watch yet, or its cases are being derived anew."""
    rows = await connection.execute(
        sa.select(
            _watch.turn, _watch.version, _watch.thresholds, _head.position, merchants.c.time_zone
        )
        .select_from(quality_watches)
        .join(quality_heads, _head.merchant_id == _watch.merchant_id)
        .join(merchants, merchants.c.id == _watch.merchant_id)
        .where(_watch.merchant_id == merchant_id, *_is_derived(definitions))
    )
    row = rows.one_or_none()
    if row is None:
        return None
    own = [Threshold.read(stored) for stored in row.thresholds]
    return Standing(row.turn, row.version, own, row.position, row.time_zone)


def _is_derived(definitions: int) -> Sequence[sa.ColumnElement[bool]]:
    return (
        _head.rebuilt_to.is_(None),
        _head.version == definitions,
        _head.time_zone == merchants.c.time_zone,
    )


async def advance(
    connection: AsyncConnection,
    merchant_id: int,
    read: Standing,
    *,
    platform_version: int,
    compared_at: datetime,
) -> bool:
    """Note that the figures were compared, and lock the watch until the transaction ends.

    False if another worker compared them, or the thresholds were set, after ``read`` was read; also
    if another worker has compared them with later thresholds of the platform, because those of a
    round are read at its beginning.
    """
    result = await connection.execute(
        sa.update(quality_watches)
        .where(
            _watch.merchant_id == merchant_id,
            _watch.turn == read.turn,
            _watch.platform_version <= platform_version,
        )
        .values(
            turn=read.turn + 1,
            position=read.position,
            compared_version=read.version,
            platform_version=platform_version,
            compared_at=compared_at,
        )
    )
    return result.rowcount == 1


async def open_keys(connection: AsyncConnection, merchant_id: int) -> Sequence[str]:
    """The keys of the merchant's open alerts."""
    rows = await connection.execute(
        sa.select(_alert.key).where(
            _alert.merchant_id == merchant_id, _alert.recovered_at.is_(None)
        )
    )
    return list(rows.scalars())


async def raise_alert(
    connection: AsyncConnection,
    key: tuple[int, int],
    watched: Watched,
    figure: Figure,
    now: datetime,
) -> None:
    """Insert an open alert; ``key`` is the merchant's id and the alert's."""
    merchant_id, id_ = key
    await add(
        connection,
        QualityAlert(
            merchant_id=merchant_id,
            id=id_,
            key=watched.key,
            set_by=watched.set_by,
            metric=watched.threshold.metric,
            threshold=watched.threshold.stored(),
            value=figure.value or 0.0,
            denominator=figure.denominator,
            raised_at=now,
        ),
    )


async def recover(
    connection: AsyncConnection, merchant_id: int, key: str, value: float | None, now: datetime
) -> sa.Row[Any]:
    """End the open alert of a key, and return its row."""
    rows = await connection.execute(
        sa.update(quality_alerts)
        .where(_alert.merchant_id == merchant_id, _alert.key == key, _alert.recovered_at.is_(None))
        .values(recovered_at=now, recovered_value=value)
        .returning(_alert.id, _alert.set_by, _alert.threshold)
    )
    return rows.one()


async def next_position(connection: AsyncConnection) -> int:
    """The next position of the log. No other transaction gets one before this one ends."""
    await lock(connection, "quality alerts")
    last = await connection.execute(sa.select(sa.func.coalesce(sa.func.max(_event.position), 0)))
    return int(last.scalar_one()) + 1


async def log(
    connection: AsyncConnection,
    key: tuple[int, int],
    position: int,
    change: AlertChange,
    now: datetime,
) -> None:
    """Add to the log; ``key`` is the merchant's id and the alert's."""
    merchant_id, alert_id = key
    await add(
        connection,
        QualityAlertEvent(
            merchant_id=merchant_id, position=position, alert_id=alert_id, change=change, at=now
        ),
    )


class LogKey(NamedTuple):
    """The key of an entry of the log."""

    merchant_id: int
    position: int


async def window(
    connection: AnyConnection, merchant_id: int | None, *, after: int, most: int
) -> Sequence[LogKey]:
    """The entries after a position: of a merchant, or of all."""
    if merchant_id is None:
        rows = await _ALL.all(connection, after=after, most=most)
    else:
        rows = await _OF_MERCHANT.all(connection, merchant=merchant_id, after=after, most=most)
    return [LogKey(row.merchant_id, row.position) for row in rows]


async def last_position(connection: AnyConnection, merchant_id: int | None) -> int:
    """The position of the last entry: of a merchant, or of all; 0 if there is none."""
    if merchant_id is None:
        [row] = await _LAST.all(connection)
    else:
        [row] = await _LAST_OF_MERCHANT.all(connection, merchant=merchant_id)
    return int(row.position)


_MERCHANT: Final = sa.bindparam("merchant", type_=sa.BigInteger)
_WINDOW: Final = (
    sa.select(_event.merchant_id, _event.position)
    .where(_event.position > sa.bindparam("after", type_=sa.BigInteger))
    .order_by(_event.position)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_ALL: Final = Prepared(_WINDOW)
_OF_MERCHANT: Final = Prepared(_WINDOW.where(_event.merchant_id == _MERCHANT))
_MAXIMUM: Final = sa.select(sa.func.coalesce(sa.func.max(_event.position), 0).label("position"))
_LAST: Final = Prepared(_MAXIMUM)
_LAST_OF_MERCHANT: Final = Prepared(_MAXIMUM.where(_event.merchant_id == _MERCHANT))
