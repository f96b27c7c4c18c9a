"""Whether the store of pictures answers: how long it may take, and saying once that it does not."""

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

AT_ONCE: Final = 32
"""How many requests the store is at, those included that nobody waits for any more."""

T = TypeVar("T")
_log = logging.getLogger("aftersales.pictures")


class StoreUnreachable(Unreachable):
    """The store of pictures refuses, is full, or does not answer in time."""


class StoreReach:
    """One way to use the store, such as reading; a store that is full may still be read."""

    def __init__(self, name: str, longest: timedelta, *, at_once: int = AT_ONCE) -> None:
        self._name = name
        self._longest = longest
        self._lane = ConnectionLimiter(
            at_once, Limits(waiting=4 * at_once, patience=timedelta(seconds=2))
        )
        self.is_away = False

    async def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """The store's answer. Raises StoreUnreachable; Overloaded where too many wait for one.

        Work that takes too long is not cancelled but left behind: a thread that hangs in a file
        system cannot be stopped. It keeps its place until it ends, so that a store that hangs
        cannot collect threads without end.
        """
        try:
            await self._lane.acquire(1)
        except BaseException:
            work.close()
            raise
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._leave)
        with self.watch():
            try:
                with DEADLINES.within(self._longest):
                    return await asyncio.shield(task)
            except TimeoutError:
                seconds = self._longest.total_seconds()
                raise StoreUnreachable(f"no answer within {seconds:g} s") from None

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Around one request to the store. Raises StoreUnreachable."""
        try:
            yield
        except (FileNotFoundError, AlreadyExistsError):
            self._answered()
            raise
        except (BaseError, OSError, StoreUnreachable) as error:
            reason = str(error).partition("\n")[0]  # what follows is for who debugs the library
            if not self.is_away:
                self.is_away = True
                _log.warning("the store of pictures fails at %s: %s", self._name, reason)
            raise StoreUnreachable(reason) from error
        self._answered()

    def _answered(self) -> None:
        if self.is_away:
            self.is_away = False
            _log.warning("the store of pictures answers again at %s", self._name)

    def _leave(self, task: asyncio.Task[Any]) -> None:
        self._lane.release()
        if not task.cancelled():
            task.exception()  # whoever waits has it; if nobody does, it has been said already
