"""A limit on concurrent transactions, in front of it a queue that is bounded by time."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Final

from database.deadlines import DEADLINES

REFUSALS: Final = ("queue_full", "waited_too_long", "too_slow")
"""Why a request got no connection, or no result in time."""


class Overloaded(Exception):
    """The queue is full, or the wait was too long. Nothing was changed; retry soon."""

    retry_after: timedelta = timedelta(seconds=1)


class TooSlow(Overloaded):
    """A transaction exceeded its time limit and was rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one process.

    ``connections`` of each engine; how long a transaction waits for one (``patience``), and how
    many may be ``waiting``; and how long a ``transaction`` may last.
    """

    connections: int = 8
    waiting: int = 1024
    """Bounds the memory, and is more than ``patience`` lets pile up. A short queue would refuse
    what a connection could still take in time."""
    patience: timedelta = timedelta(seconds=5)
    transaction: timedelta = timedelta(seconds=15)


class ConnectionLimiter:
    """Hands out a fixed number of permits, in the order in which they were asked for."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._limits = limits
        self.size = size
        self._free = size
        self._queue: deque[asyncio.Future[None]] = deque()
        self.waiting = 0
        self.refused: Counter[str] = Counter(dict.fromkeys(REFUSALS, 0))
        """Requests that got no permit or exceeded its time, by the reason."""

    @property
    def in_use(self) -> int:
        return self.size - self._free

    def enter(self, waiters: int = 1) -> "Permit":
        """One permit for a block; ``waiters`` is how many requests share it.

        Raises Overloaded if the queue is full or the wait too long, and TooSlow if the block
        exceeds the time limit of a transaction.
        """
        return Permit(self, waiters, self._limits.transaction)

    def release(self) -> None:
        """Return a permit, to the longest-waiting request if there is one."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():  # cancelled: nobody waits for it any more
                turn.set_result(None)
                return
        self._free += 1

    async def acquire(self, waiters: int) -> None:
        """Take one permit, for as many requests as share it. Raises Overloaded."""
        if self._free:
            self._free -= 1
            return
        if self.waiting + waiters > self._limits.waiting:
            self.refused["queue_full"] += waiters
            raise Overloaded
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        self.waiting += waiters
        try:
            with DEADLINES.within(self._limits.patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.release()  # the permit arrived just as the wait was cancelled
            if isinstance(error, TimeoutError):
                self.refused["waited_too_long"] += waiters
                raise Overloaded from error
            raise
        finally:
            self.waiting -= waiters


class Permit:
    """Permission to use one connection for a block, up to a time limit."""

    __slots__ = ("_deadline", "_limiter", "_waiters")

    def __init__(self, limiter: ConnectionLimiter, waiters: int, timeout: timedelta) -> None:
        self._limiter = limiter
        self._waiters = waiters
        self._deadline = DEADLINES.within(timeout)

    async def __aenter__(self) -> None:
        await self._limiter.acquire(self._waiters)
        self._deadline.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._deadline.__exit__(kind, error, trace)
        except TimeoutError as timeout:
            self._limiter.refused["too_slow"] += self._waiters
            raise TooSlow from timeout
        finally:
            self._limiter.release()
