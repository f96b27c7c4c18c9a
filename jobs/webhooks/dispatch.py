"""The dispatcher of webhooks: follows the feeds, and gives turns to the endpoints that are due."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from database.availability import Unreachable
from database.backoff import Backoff
from database.connection_limiter import Overloaded
from jobs.webhooks.clean_up import keep_deleting
from jobs.webhooks.expand import expand
from jobs.webhooks.turn import Sender
from models.queries import deliveries
from models.queries.deliveries import EndpointKey
from models.wake import FEED_CHANNEL, Alarm

TURNS: Final = {False: 32, True: 16}
"""Endpoints that a process serves at the same time, by whether they fail.

Those that fail have places of their own: they keep a worker waiting for as long as a request may
take, and must not keep the others waiting too.
"""

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
    _turns: dict[EndpointKey, tuple[bool, asyncio.Task[None]]] = field(default_factory=dict)
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
        for failing, places in TURNS.items():
            free = places - sum(of is failing for of, _ in self._turns.values())
            if free <= 0:
                continue
            async with sender.database.read() as connection:
                keys = await deliveries.find_due(
                    connection, sender.clock.now(), failing=failing, most=free + len(self._turns)
                )
            for key in [key for key in keys if key not in self._turns][:free]:
                self._turns[key] = (failing, asyncio.create_task(self._take_turn(key)))

    async def idle(self) -> None:
        """Wait for the turns that have begun."""
        while self._turns:
            await asyncio.wait([task for _, task in self._turns.values()])

    async def _take_turn(self, key: EndpointKey) -> None:
        try:
            for _ in range(TURNS_IN_A_ROW):
                if not await self.sender.take_turn(key, self.stop):
                    return
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
