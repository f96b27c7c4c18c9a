"""A bounded number of transactions at once, and a bounded queue in front of them."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType

from database.deadlines import DEADLINES


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


class ConnectionLimiter:
    """Lets so many in at once. Those who wait are let in in the order in which they came."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._limits = limits
        self._free = size
        self._queue: deque[asyncio.Future[None]] = deque()
        self.waiting = 0

    def enter(self, people: int = 1) -> "Permit":
        """For so many who go together.

        Raises Overloaded where too many wait, or for too long; TooSlow once let in.
        """
        return Permit(self, people, self._limits.transaction)

    def leave(self) -> None:
        """Let in whoever has waited longest."""
        while self._queue:
            place = self._queue.popleft()
            if not place.done():  # it is, if whoever waited is gone
                place.set_result(None)
                return
        self._free += 1

    async def take_place(self, people: int) -> None:
        """One, whoever shares it. Raises Overloaded."""
        if self._free:
            self._free -= 1
            return
        if self.waiting + people > self._limits.waiting:
            raise Overloaded
        place = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        self.waiting += people
        try:
            with DEADLINES.within(self._limits.patience):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self.leave()  # it was given just as nobody waited for it any more
            if isinstance(error, TimeoutError):
                raise Overloaded from error
            raise
        finally:
            self.waiting -= people


class Permit:
    """A place in a lane, for as long as a block lasts, and no longer than it may."""

    __slots__ = ("_lane", "_limit", "_people")

    def __init__(self, lane: ConnectionLimiter, people: int, longest: timedelta) -> None:
        self._lane = lane
        self._people = people
        self._limit = DEADLINES.within(longest)

    async def __aenter__(self) -> None:
        await self._lane.take_place(self._people)
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
