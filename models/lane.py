"""A bounded number of transactions at once, and a bounded queue in front of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta


class Overloaded(Exception):
    """There is more to do than can be done. Nothing was changed; worth trying again soon."""

    retry_after: timedelta = timedelta(seconds=1)


class TooSlow(Overloaded):
    """A transaction took longer than it may, and was undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a process allows itself.

    ``connections`` of each kind, how many transactions may be ``waiting`` for one and for how long
    (``patience``), and how long a ``transaction`` may last.
    """

    connections: int = 8
    waiting: int = 128
    patience: timedelta = timedelta(seconds=5)
    transaction: timedelta = timedelta(seconds=15)


class Lane:
    """Lets so many in at once. Those who wait are let in in the order in which they came."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._limits = limits
        self._places = asyncio.Semaphore(size)
        self._waiting = 0

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Raises Overloaded where too many wait, or for too long; TooSlow once let in."""
        await self._take_place()
        limit = asyncio.timeout(self._limits.transaction.total_seconds())
        try:
            async with limit:
                yield
        except TimeoutError as error:
            if limit.expired():
                raise TooSlow from error
            raise
        finally:
            self._places.release()

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._limits.waiting:
            raise Overloaded
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.patience.total_seconds()):
                await self._places.acquire()
        except TimeoutError as error:
            raise Overloaded from error
        finally:
            self._waiting -= 1
