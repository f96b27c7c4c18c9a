"""The availability of the picture store: limits and deadlines of requests, and logged outages."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, TypeVar

from obstore.exceptions import AlreadyExistsError, BaseError

from database.availability import Unreachable
from database.connection_limiter import ConnectionLimiter, Limits
from database.deadlines import DEADLINES

MAX_REQUESTS: Final = 32
"""Concurrent requests to the store, abandoned ones that still run included."""

T = TypeVar("T")
_log = logging.getLogger("aftersales.pictures")


class StoreUnreachable(Unreachable):
    """The picture store refuses a request, is full, or does not answer in time."""


class StoreAvailability:
    """One kind of access to the store. Reads and writes differ: a full store can still be read."""

    def __init__(
        self, operation: str, timeout: timedelta, *, max_requests: int = MAX_REQUESTS
    ) -> None:
        self._operation = operation
        self._timeout = timeout
        self._limiter = ConnectionLimiter(
            max_requests, Limits(waiting=4 * max_requests, patience=timedelta(seconds=2))
        )
        self.is_away = False

    async def run(self, request: Coroutine[Any, Any, T]) -> T:
        """Run a request to the store. Raises StoreUnreachable, or Overloaded if too many wait.

        A request that exceeds the timeout is abandoned rather than cancelled: a thread that hangs
        in a file system cannot be stopped. It keeps its permit until it ends, so that a store that
        hangs does not accumulate threads.
        """
        try:
            await self._limiter.acquire(1)
        except BaseException:
            request.close()
            raise
        task = asyncio.ensure_future(request)
        task.add_done_callback(self._release_permit)
        with self.watch():
            try:
                with DEADLINES.within(self._timeout):
                    return await asyncio.shield(task)
            except TimeoutError:
                seconds = self._timeout.total_seconds()
                raise StoreUnreachable(f"no answer within {seconds:g} s") from None

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch one request in the block for an outage. Raises StoreUnreachable."""
        try:
            yield
        except (FileNotFoundError, AlreadyExistsError):
            self._end_outage()
            raise
        except (BaseError, OSError, StoreUnreachable) as error:
            reason = str(error).partition("\n")[0]  # the rest is debug output of the library
            if not self.is_away:
                self.is_away = True
                _log.warning("the store of pictures fails at %s: %s", self._operation, reason)
            raise StoreUnreachable(reason) from error
        self._end_outage()

    def _end_outage(self) -> None:
        if self.is_away:
            self.is_away = False
            _log.warning("the store of pictures answers again at %s", self._operation)

    def _release_permit(self, task: asyncio.Task[Any]) -> None:
        self._limiter.release()
        if not task.cancelled():
            task.exception()  # marks an abandoned task's exception as retrieved
