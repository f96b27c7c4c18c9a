"""The loop that does what is due: sleeps until the next deadline, or until one is set before it."""

import asyncio
import logging
import random
from datetime import datetime, timedelta
from typing import Final

from database.availability import Unreachable
from database.backoff import RETRY, Backoff
from database.connection_limiter import Overloaded
from database.database import Database
from jobs.auto_approval import approve_overdue, next_due
from jobs.forget_keys import keep_forgetting
from jobs.forget_marks import keep_forgetting_marks
from models.clock import Clock, SandboxClock
from models.wake import Alarm

SHORTEST_SLEEP: Final = timedelta(milliseconds=10)
SPREAD: Final = timedelta(milliseconds=50)
"""Over so long the clocks of several processes are spread that wake for one deadline: mostly the
first has done the work when the others look, and they need not take part in it."""
log = logging.getLogger("aftersales.clock")


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Run until told to stop. A failed round is tried again: what is due stays due.

    After each failure the pause grows, but it ends as soon as the database answers somebody.
    """
    backoff = Backoff()
    log.info("the clock runs")
    async with Alarm.set(database, stop) as alarm, asyncio.TaskGroup() as beside:
        beside.create_task(keep_forgetting(database, clock, stop))  # deadlines do not wait for it
        beside.create_task(keep_forgetting_marks(database, stop))
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
                left = RETRY if waits else await tick(database, now, stop, lead=clock.lead)
            except Unreachable:
                await _wait_for(database, alarm, backoff.next_delay())  # it is in the log already
            except Overloaded as overloaded:
                log.warning("a round of the clock was put off: %s", type(overloaded).__name__)
                await alarm.sleep(backoff.next_delay())
            except Exception:
                # The clock must outlive whatever went wrong in one round.
                log.exception("a round of the clock failed")
                await alarm.sleep(backoff.next_delay())
            else:
                backoff.reset()
                await alarm.sleep(pause(left, alarm.longest))


async def _wait_for(database: Database, alarm: Alarm, longest: timedelta) -> None:
    """Until it is time to try again, or another transaction finds that the outage is over."""
    end = asyncio.get_running_loop().time() + longest.total_seconds()
    while (left := end - asyncio.get_running_loop().time()) > 0:
        if (
            await alarm.sleep(min(RETRY, timedelta(seconds=left)))
            or not database.availability.outage
        ):
            return


async def follow(database: Database, clock: SandboxClock, stop: asyncio.Event) -> None:
    """Take over how far others move the sandbox's clock, until told to stop; do nothing else."""
    async with Alarm.set(database, stop) as alarm:
        while not stop.is_set():
            alarm.clear()
            try:
                await clock.follow(database)
            except (Overloaded, Unreachable):
                pass  # the next round asks again; an outage is in the log already
            except Exception:
                log.exception("could not follow the sandbox's clock")
            await alarm.sleep(alarm.longest)


def pause(left: timedelta | None, longest: timedelta) -> timedelta:
    """How long to sleep when so much time is left until the next deadline, if there is one."""
    if left is None or left >= longest:
        return longest
    return max(left, SHORTEST_SLEEP) + random.random() * SPREAD  # noqa: S311 - no secret


async def tick(
    database: Database,
    now: datetime,
    stop: asyncio.Event | None = None,
    *,
    lead: timedelta | None = None,
) -> timedelta | None:
    """Do what is due at ``now``, and say how long it is until the next deadline.

    ``lead`` is as for ``approve_overdue``.
    """
    due = await next_due(database)
    if due is not None and due <= now:
        log.debug("orders are due since %s", due)
        swept = await approve_overdue(database, now, stop, lead=lead)
        if swept.total:
            log.info("approved %s, blocked %s", swept.approved, swept.blocked)
        due = await next_due(database)
    return None if due is None else due - now
