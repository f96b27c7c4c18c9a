"""Monthly snapshots: each merchant's figures and score of a month that is over.

Any number of workers may make them. A worker holds the head of the merchant's cases meanwhile, and
the primary key admits one snapshot of a month.
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from domain.quality.figures import Tallies, figures
from domain.quality.metrics import VERSION
from domain.quality.periods import Period
from domain.quality.scores import NO_SCORE, score
from domain.quality.snapshots import (
    WAITING,
    end_of,
    ends_everywhere,
    name_of,
    settled_months,
    settles_at,
)
from jobs.rounds import repeat
from models.clock import Clock
from models.queries import evaluation_plans, quality_cases, quality_snapshots
from models.queries.presence import read_present
from models.queries.quality_snapshots import Candidate
from models.queries.quality_tallies import Scope, count_cases
from watching.tracing import TRACING

MERCHANTS: Final = 200
"""Merchants that one statement looks for."""

PAUSE: Final = timedelta(minutes=1)
log = logging.getLogger("aftersales.quality")


async def keep_making(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Make the snapshots that are due every minute, until told to stop."""

    async def make() -> None:
        # A snapshot that a wrong time made too early would stay.
        if clock.state().waits is None and (count := await make_due(database, clock.now(), stop)):
            log.info("made %s monthly snapshots", count)

    await repeat(make, stop, every=PAUSE, log=log, failure="could not make monthly snapshots")


async def make_due(database: Database, now: datetime, stop: asyncio.Event | None = None) -> int:
    """Make the snapshots that are due at ``now``, and their benchmarks; return how many.

    Raises Overloaded or Unreachable.
    """
    made, complete = 0, list[str]()
    for month in settled_months(now):
        if stop is not None and stop.is_set():
            break
        count, missing = await _make_month(database, month, now, stop)
        made += count
        # What comes later may never count: see ``Benchmark.stored``.
        if not missing or now >= settles_at(month, UTC) + WAITING:
            complete.append(name_of(month))
    # At the end: while a machine is away, there are snapshots, and no benchmarks.
    for name in complete:
        await _renew_benchmark(database, name)
    return made


async def _make_month(
    database: Database, month: Period, now: datetime, stop: asyncio.Event | None
) -> tuple[int, int]:
    """Return how many snapshots were made, and how many are missing still."""
    made, missing, after = 0, 0, 0
    while stop is None or not stop.is_set():
        find = partial(
            quality_snapshots.find_candidates,
            month=name_of(month),
            version=VERSION,
            created_before=ends_everywhere(month),
            after=after,
            most=MERCHANTS,
        )
        candidates = await read_present(database, find)
        for candidate in candidates:
            zone = ZoneInfo(candidate.time_zone)
            if candidate.created_at >= end_of(month, zone):
                continue
            is_due = candidate.is_derived and settles_at(month, zone) <= now
            is_made = is_due and await _make(database, candidate, month, now)
            made, missing = made + is_made, missing + (not is_made)
        if len(candidates) < MERCHANTS:
            break
        after = candidates[-1].merchant_id
    return made, missing


async def _make(database: Database, candidate: Candidate, month: Period, now: datetime) -> bool:
    try:
        with TRACING.job("quality snapshot"):
            async with database.write() as connection:
                return await make_snapshot(connection, candidate.merchant_id, month, now)
    except (Overloaded, Unreachable):
        raise
    except Exception:  # one merchant's bug must not stop the others
        log.exception("could not make a snapshot of merchant %s", candidate.merchant_id)
        return False


async def make_snapshot(
    connection: AsyncConnection, merchant_id: int, month: Period, now: datetime
) -> bool:
    """Make a snapshot of a month that has settled.

    False if there is one, or if the cases are not complete, as while another worker writes them.
    """
    head = (await quality_cases.lock_heads(connection, [merchant_id])).get(merchant_id)
    if head is None or (head.version, head.derived_zone) != (VERSION, head.time_zone):
        return False
    if head.rebuilt_to is not None or head.position < head.purged_to:
        return False
    zone = ZoneInfo(head.time_zone)
    if await quality_snapshots.has_uncounted(
        connection, merchant_id, position=head.position, before=settles_at(month, zone)
    ):
        return False
    counted = await count_cases(connection, Scope(merchant_id=merchant_id, period=month))
    values = figures(counted.get(None, Tallies()))
    current = await evaluation_plans.find_current(connection, before=end_of(month, zone))
    return await quality_snapshots.insert(
        connection,
        merchant_id,
        name_of(month),
        values,
        NO_SCORE if current is None else score(current.plan, values),
        time_zone=head.time_zone,
        definitions_version=VERSION,
        plan_version=None if current is None else current.version,
        made_at=now,
    )


async def _renew_benchmark(database: Database, month: str) -> None:
    """Make the benchmark of a month anew if it was made from fewer snapshots than there are."""
    async with database.read() as connection:
        number = await quality_snapshots.count(connection, month)
        if number == await quality_snapshots.count_in_benchmark(connection, month):
            return
    async with database.write() as connection:
        earlier = await quality_snapshots.lock_benchmark(connection, month)
        await quality_snapshots.write_benchmark(connection, month, earlier)
