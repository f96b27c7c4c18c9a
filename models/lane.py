"""A bounded number of transactions at once, and a bounded queue in front of them."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType

from models.deadlines import DEADLINES


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

    def enter(self) -> "Stay":
        """Raises Overloaded where too many wait, or for too long; TooSlow once let in."""
        return Stay(self, self._limits.transaction)

    def leave(self) -> None:
        self._places.release()

    async def take_place(self) -> None:
        """Raises Overloaded."""
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


class Stay:
    """A place in a lane, for as long as a block lasts, and no longer than it may."""

    __slots__ = ("_lane", "_limit")

    def __init__(self, lane: Lane, longest: timedelta) -> None:
        self._lane = lane
        self._limit = DEADLINES.within(longest)

    async def __aenter__(self) -> None:
        await self._lane.take_place()
        self._limit.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._limit.__exit__(kind, error, trace)
        except TimeoutError as over:
            raise TooSlow from over
        finally:
            self._lane.leave()
