"""Following the feeds that the streams of this process read, with one look for all of them."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from models.queries import feed
from models.wake import FEED_CHANNEL, Alarm

LOOK_EVERY: Final = timedelta(milliseconds=500)
"""How often the heads are read without a notification."""
log = logging.getLogger("aftersales.feed")


class FollowedFeed:
    """A feed that at least one stream reads. ``reads`` are renewed whenever it has new events.

    ``losses`` counts how often its last events were lost, for instance by a failover.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.readers = 0
        self.position = 0
        self.losses = 0
        self.reads = self._database.shared_reads()
        self._advanced = asyncio.Event()

    async def wait_beyond(self, position: int, losses: int | None = None) -> None:
        """Wait until the feed has an event after the position.

        Returns also when there have been more losses than that, if a number is given.
        """
        while self.position <= position and losses in (None, self.losses):
            await self._advanced.wait()

    def advance(self, position: int) -> None:
        """Note the position of the last event."""
        if position != self.position:
            if position < self.position:
                self.losses += 1
            self.position = position
            self.reads = self._database.shared_reads()
            self._advanced.set()
            self._advanced = asyncio.Event()


class Follower:
    """Knows the last positions of the feeds that are read in this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._feeds: dict[int | None, FollowedFeed] = {}
        self._alarm: Alarm | None = None
        self._has_readers = asyncio.Event()

    @contextlib.contextmanager
    def follow(self, merchant_id: int | None) -> Iterator[FollowedFeed]:
        """Follow a merchant's feed, or the platform's, while the block runs."""
        followed = self._feeds.get(merchant_id)
        if followed is None:
            followed = self._feeds[merchant_id] = FollowedFeed(self._database)
        followed.readers += 1
        self._has_readers.set()
        self.ring()
        try:
            yield followed
        finally:
            followed.readers -= 1
            if not followed.readers:
                del self._feeds[merchant_id]
                if not self._feeds:
                    self._has_readers.clear()

    @property
    def readers(self) -> int:
        """How many streams read at present."""
        return sum(followed.readers for followed in self._feeds.values())

    def ring(self) -> None:
        """Look now: this process has placed events, or has a new reader."""
        if self._alarm is not None:
            self._alarm.ring()

    async def run(self, stop: asyncio.Event) -> None:
        """Look for new events until told to stop, while anybody reads."""
        while not stop.is_set():
            waits = [asyncio.create_task(event.wait()) for event in (self._has_readers, stop)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in waits:
                task.cancel()
            async with Alarm.set(self._database, stop, channel=FEED_CHANNEL) as self._alarm:
                while self._feeds and not stop.is_set():
                    self._alarm.clear()
                    await self._look()
                    await self._alarm.sleep(LOOK_EVERY)
            self._alarm = None

    async def _look(self) -> None:
        try:
            # Not from a replica: a mutation and its event would seem to come apart.
            async with self._database.read() as connection:
                positions = await feed.positions(connection, list(self._feeds))
        except (Overloaded, Unreachable):
            return  # the next look tries again, and an outage is already in the log
        except Exception:
            log.exception("could not look for new events")
            return
        for merchant_id, position in positions.items():
            if merchant_id in self._feeds:
                self._feeds[merchant_id].advance(position)
