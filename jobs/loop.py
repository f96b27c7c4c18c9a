"""The loop of the clock: takes the steps that are due, then sleeps until the next deadline."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from database.availability import Unreachable
from database.backoff import RETRY, Backoff
from database.connection_limiter import Overloaded
from database.database import Database
from jobs import delete_keys, delete_marks
from jobs.quality.alerts import keep_comparing
from jobs.quality.derive import keep_deriving
from jobs.quality.snapshots import keep_making
from jobs.sequencer import RETENTION, keep_sequencing
from jobs.timers import fire_timers, next_due
from models.clock import Clock, SandboxClock
from models.wake import Alarm
from watching.counts import JobCounts
from watching.tracing import TRACING

SHORTEST_SLEEP: Final = timedelta(milliseconds=10)
SPREAD: Final = timedelta(milliseconds=50)
"""The clocks of several processes wake at random within this time after a deadline. Usually the
first has done the work when the others look."""
log = logging.getLogger("aftersales.clock")


async def run(
    database: Database,
    clock: Clock,
    stop: asyncio.Event,
    *,
    retention: timedelta = RETENTION,
    placed: Callable[[], None] = lambda: None,
    counts: JobCounts | None = None,
) -> None:
    """Run until told to stop. A failed round is repeated: an order that is due stays due.

    The pause grows with each failure, and ends when the database answers another transaction.
    ``retention`` and ``placed`` are those of ``keep_sequencing``.
    """
    backoff, counts = Backoff(), counts or JobCounts()
    log.info("the clock runs")
    async with Alarm.set(database, stop) as alarm, asyncio.TaskGroup() as tasks:
        tasks.create_task(delete_keys.keep_deleting(database, clock, stop))
        tasks.create_task(delete_marks.keep_deleting(database, stop))
        tasks.create_task(
            keep_sequencing(
                database, clock, stop, retention=retention, placed=placed, counts=counts
            )
        )
        tasks.create_task(keep_deriving(database, stop))
        tasks.create_task(keep_making(database, clock, stop))
        tasks.create_task(keep_comparing(database, clock, stop))
        waits = None
        while not stop.is_set():
            alarm.clear()
            try:
                if isinstance(clock, SandboxClock):
                    await clock.follow(database)
                now, before = clock.now(), waits
                waits = clock.state().waits
                if (waits is None) is not (before is None):
                    log.warning("the clock %s", f"waits: {waits}" if waits else "goes on")
                left: timedelta | None = RETRY
                if waits is None:
                    # In the sandbox the time jumps, and each step is dated as if it had not.
                    at_deadlines = isinstance(clock, SandboxClock)
                    left = await tick(
                        database,
                        now,
                        stop,
                        lead=clock.lead,
                        at_deadlines=at_deadlines,
                        counts=counts,
                    )
            except Unreachable:
                counts.sweeps_failed += 1
                await _wait_for(database, alarm, backoff.next_delay())  # it is already in the log
            except Overloaded as overloaded:
                counts.sweeps_failed += 1
                log.warning("a round of the clock was put off: %s", type(overloaded).__name__)
                await alarm.sleep(backoff.next_delay())
            except Exception:
                # The clock goes on after any error of one round.
                counts.sweeps_failed += 1
                log.exception("a round of the clock failed")
                await alarm.sleep(backoff.next_delay())
            else:
                backoff.reset()
                await alarm.sleep(pause(left, alarm.longest))


async def _wait_for(database: Database, alarm: Alarm, longest: timedelta) -> None:
    """Wait to try again: ``longest``, or until another transaction finds the outage over."""
    end = asyncio.get_running_loop().time() + longest.total_seconds()
    while (left := end - asyncio.get_running_loop().time()) > 0:
        if (
            await alarm.sleep(min(RETRY, timedelta(seconds=left)))
            or not database.availability.outage
        ):
            return


async def follow(database: Database, clock: SandboxClock, stop: asyncio.Event) -> None:
    """Follow the sandbox's clock, which other processes move, until told to stop."""
    async with Alarm.set(database, stop) as alarm:
        while not stop.is_set():
            alarm.clear()
            try:
                await clock.follow(database)
            except (Overloaded, Unreachable):
                pass  # the next round tries again, and an outage is already in the log
            except Exception:
                log.exception("could not follow the sandbox's clock")
            await alarm.sleep(alarm.longest)


def pause(left: timedelta | None, longest: timedelta) -> timedelta:
    """How long to sleep if ``left`` is the time until the next deadline, if there is one."""
    if left is None or left >= longest:
        return longest
    return max(left, SHORTEST_SLEEP) + random.random() * SPREAD  # noqa: S311 - no secret


async def tick(
    database: Database,
    now: datetime,
    stop: asyncio.Event | None = None,
    *,
    lead: timedelta | None = None,
    at_deadlines: bool = False,
    counts: JobCounts | None = None,
) -> timedelta | None:
    """Take the steps that are due at ``now``, and return the time until the next deadline.

    ``lead`` and ``at_deadlines`` are those of ``fire_timers``.
    """
    due, counts = await next_due(database), counts or JobCounts()
    began, lateness = time.monotonic(), None
    if due is not None and due <= now:
        lateness = (now - due).total_seconds()
        log.debug("orders are due since %s", due)
        with TRACING.job("sweep") as span:
            result = await fire_timers(database, now, stop, lead=lead, at_deadlines=at_deadlines)
            span.note("aftersales.orders", result.total)
        if result.total:
            steps = [f"{action} {count}" for action, count in result.steps.items()]
            log.info("timers fired: %s", ", ".join([*steps, f"blocked {result.blocked}"]))
        counts.steps.update({str(action): count for action, count in result.steps.items()})
        counts.blocked += result.blocked
        due = await next_due(database)
    counts.swept(time.monotonic() - began, lateness)
    return None if due is None else due - now
