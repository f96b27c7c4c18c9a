"""The dispatcher of webhooks: follows the feeds, and gives turns to the endpoints that are due."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.backoff import Backoff
from database.connection_limiter import Overloaded
from jobs.webhooks.clean_up import keep_deleting
from jobs.webhooks.expand import expand
from jobs.webhooks.turn import Sender
from models.queries import deliveries
from models.queries.deliveries import EndpointKey
from models.queries.presence import read_present
from models.wake import FEED_CHANNEL, Alarm
from watching.tracing import TRACING


class Pace(StrEnum):
    """How an endpoint answers.

    Those that fail and those that are slow have places of their own: they keep a worker waiting
    for as long as a request may take, and must not keep the others waiting too.
    """

    QUICK = "QUICK"
    SLOW = "SLOW"
    FAILING = "FAILING"


TURNS: Final = {Pace.QUICK: 32, Pace.SLOW: 16, Pace.FAILING: 16}
"""Endpoints that a process serves at the same time."""

TURNS_IN_A_ROW: Final = 10
"""After so many, others that wait go first."""

POLL_INTERVAL: Final = timedelta(seconds=1)
PATIENCE: Final = timedelta(seconds=3)
"""How long requests may go on after the process was told to stop."""

log = logging.getLogger("aftersales.webhooks")


@dataclass(slots=True)
class Dispatcher:
    """One of any number of workers."""

    sender: Sender
    stop: asyncio.Event
    _turns: dict[EndpointKey, tuple[Pace, asyncio.Task[None]]] = field(default_factory=dict)
    _alarm: Alarm = field(init=False)

    def __post_init__(self) -> None:
        self._alarm = Alarm(self.stop)

    async def run(self) -> None:
        """Run until told to stop. A failed round is repeated: what is due stays due."""
        backoff = Backoff()
        database = self.sender.database
        feed = Alarm.set(database, self.stop, channel=FEED_CHANNEL)
        async with feed as self._alarm, asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_deleting(database, self.sender.clock, self.stop))
            while not self.stop.is_set():
                self._alarm.clear()
                pause = POLL_INTERVAL
                try:
                    if self.sender.clock.state().waits is None:
                        await self.look()
                    backoff.reset()
                except (Overloaded, Unreachable):
                    pause = backoff.next_delay()  # an outage is already in the log
                except Exception:
                    log.exception("a round of the webhooks failed")
                    pause = backoff.next_delay()
                await self._alarm.sleep(pause)
            await self._finish()

    def ring(self) -> None:
        """Look now: the feed has new events."""
        self._alarm.ring()

    async def look(self) -> None:
        """Create deliveries, and begin a turn for each endpoint that is due.

        Raises Overloaded or Unreachable.
        """
        sender = self.sender
        await expand(sender.database, sender.clock.now(), self.stop)
        for pace, keys in (await self._find_due()).items():
            free = TURNS[pace] - sum(of is pace for of, _ in self._turns.values())
            for key in keys[: max(free, 0)]:
                self._turns[key] = (pace, asyncio.create_task(self._take_turn(key, pace)))

    async def _find_due(self) -> Mapping[Pace, Sequence[EndpointKey]]:
        """The endpoints that are due and have no turn here, those that wait longest first."""
        sender, slow = self.sender, self.sender.slow.current()
        now = sender.clock.now()
        others = len(self._turns)

        async def find(connection: AsyncConnection) -> tuple[Sequence[EndpointKey], ...]:
            return (
                await deliveries.find_due(
                    connection, now, failing=False, most=TURNS[Pace.QUICK] + others + len(slow)
                ),
                await deliveries.find_due(
                    connection, now, failing=True, most=TURNS[Pace.FAILING] + others
                ),
            )

        accepting, failing = await read_present(sender.database, find)
        due = {
            Pace.QUICK: [key for key in accepting if key not in slow],
            Pace.SLOW: [key for key in accepting if key in slow],
            Pace.FAILING: failing,
        }
        return {pace: [key for key in keys if key not in self._turns] for pace, keys in due.items()}

    async def idle(self) -> None:
        """Wait for the turns that have begun."""
        while self._turns:
            await asyncio.wait([task for _, task in self._turns.values()])

    async def _take_turn(self, key: EndpointKey, pace: Pace) -> None:
        is_slow = pace is Pace.SLOW
        try:
            for _ in range(1 if is_slow else TURNS_IN_A_ROW):
                with TRACING.job("webhooks"):
                    has_sent = await self.sender.take_turn(key, self.stop, is_slow=is_slow)
                if not has_sent:
                    return
                if pace is Pace.QUICK and key in self.sender.slow.current():
                    break
            self._alarm.ring()
        except (Overloaded, Unreachable):
            pass  # the hold runs out, and an outage is already in the log
        except Exception:
            log.exception("a turn of webhook endpoint %s failed", key[1])
        finally:
            del self._turns[key]

    def abandon(self) -> None:
        """Let go of the turns that have begun. Other workers send again what was not recorded."""
        for _, task in self._turns.values():
            task.cancel()

    async def _finish(self) -> None:
        tasks = [task for _, task in self._turns.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE.total_seconds())
            self.abandon()
            await asyncio.gather(*tasks, return_exceptions=True)
