"""Comparing the figures of merchants with the thresholds in force: alerts are raised and recover.

An alert, its entry in the log and its webhook deliveries are written in one transaction with the
watch's row, which tells what was compared: several workers raise an alert once.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from domain.quality.figures import Figure, Tallies, figures
from domain.quality.metrics import DEFINITIONS, QUANTILES, VERSION, Metric
from domain.quality.periods import Period
from domain.quality.thresholds import AlertChange, Outcome, Watched, in_force, outcomes
from jobs.quality.telling import Told, tell
from jobs.rounds import repeat
from models.clock import Clock
from models.ids import new_id
from models.queries import alerts, thresholds
from models.queries.alerts import Due, Standing
from models.queries.presence import read_present
from models.queries.quality_tallies import Scope, count_cases
from models.queries.thresholds import ThresholdSet
from watching.tracing import TRACING

MERCHANTS: Final = 200
"""Merchants of a round."""

PAUSE: Final = timedelta(seconds=2)
"""The pause between two rounds."""

SHORTEST: Final = timedelta(seconds=10)
"""How long after a comparison a merchant with new cases is compared again."""

LONGEST: Final = timedelta(hours=1)
"""The same without new cases: days end, and cases leave the window."""

log = logging.getLogger("aftersales.quality")


async def keep_comparing(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Compare figures with thresholds until told to stop."""

    async def catch_up() -> None:
        while await compare(database, clock.now(), stop) and not stop.is_set():
            pass

    await repeat(catch_up, stop, every=PAUSE, log=log, failure="could not compare figures")


async def compare(database: Database, now: datetime, stop: asyncio.Event | None = None) -> bool:
    """Compare the figures of the merchants that are due; return whether there may be more.

    Raises Overloaded or Unreachable.
    """
    async with database.read() as connection:
        platforms = await thresholds.of_platform(connection)
        due = Due(
            VERSION,
            platforms.version,
            has_platforms=bool(platforms.thresholds),
            moments_ago=now - SHORTEST,
            long_ago=now - LONGEST,
        )
    merchants = await read_present(database, partial(alerts.find_due, due=due, most=MERCHANTS))
    for merchant_id in merchants:
        if stop is not None and stop.is_set():
            break
        try:
            with TRACING.job("quality alerts"):
                await _compare_merchant(database, merchant_id, platforms, now)
        except (Overloaded, Unreachable):
            raise
        except Exception:  # one merchant's bug must not stop the others
            log.exception("could not compare the figures of merchant %s", merchant_id)
    return len(merchants) == MERCHANTS


async def _compare_merchant(
    database: Database, merchant_id: int, platforms: ThresholdSet, now: datetime
) -> None:
    # Figures are counted before the write: SQLite has one writer at a time.
    async with database.read() as connection:
        standing = await alerts.standing(connection, merchant_id, VERSION)
        changes = (
            ()
            if standing is None
            else await _changes(connection, merchant_id, standing, platforms, now)
        )
    async with database.write() as connection:
        if standing is None:
            await thresholds.create_watch(connection, merchant_id)
        elif await alerts.advance(
            connection,
            merchant_id,
            standing,
            platform_version=platforms.version,
            compared_at=now,
        ):
            await _write(connection, merchant_id, changes, now)


async def _changes(
    connection: AsyncConnection,
    merchant_id: int,
    standing: Standing,
    platforms: ThresholdSet,
    now: datetime,
) -> Sequence[Outcome]:
    watched = in_force(standing.thresholds, platforms.thresholds)
    values = await _figures(connection, merchant_id, standing, watched, now)
    return outcomes(watched, values, await alerts.open_keys(connection, merchant_id))


async def _figures(
    connection: AsyncConnection,
    merchant_id: int,
    standing: Standing,
    watched: Sequence[Watched],
    now: datetime,
) -> Mapping[tuple[int, Metric], Figure]:
    """The figures that thresholds are about, by days and metric; two statements for each window."""
    today = now.astimezone(ZoneInfo(standing.time_zone)).date()
    values: dict[tuple[int, Metric], Figure] = {}
    for days in sorted({item.threshold.days for item in watched}):
        metrics = {item.threshold.metric for item in watched if item.threshold.days == days}
        period = Period(today - timedelta(days=days - 1), today)
        quantiles = any(DEFINITIONS[metric].measure in QUANTILES for metric in metrics)
        scope = Scope(merchant_id=merchant_id, period=period)
        tallies = await count_cases(connection, scope, quantiles=quantiles)
        for figure in figures(tallies.get(None, Tallies()), sorted(metrics)):
            values[days, figure.metric] = figure
    return values


async def _write(
    connection: AsyncConnection, merchant_id: int, changes: Sequence[Outcome], now: datetime
) -> None:
    if not changes:
        return
    told = [await _change(connection, merchant_id, change, now) for change in changes]
    await tell(connection, merchant_id, told, now)
    # Last, because all merchants share the lock of the log.
    position = await alerts.next_position(connection)
    for offset, item in enumerate(told):
        key = (merchant_id, item.alert_id)
        await alerts.log(connection, key, position + offset, item.change, now)


async def _change(
    connection: AsyncConnection, merchant_id: int, outcome: Outcome, now: datetime
) -> Told:
    watched, figure = outcome.watched, outcome.figure
    if outcome.change is AlertChange.RAISED and watched is not None and figure is not None:
        id_ = new_id()
        await alerts.raise_alert(connection, (merchant_id, id_), watched, figure, now)
        return Told(id_, outcome.change, watched.set_by, watched.threshold.stored())
    value = None if figure is None else figure.value
    row = await alerts.recover(connection, merchant_id, outcome.key, value, now)
    return Told(row.id, outcome.change, row.set_by, row.threshold)
