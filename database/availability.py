"""Whether the database can be used: what is raised while it cannot, and one log line a change."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError

from database.outages import DISPROVED_BY_READING, PASSING, RECONNECTING, Outage, outage_of

SETTLED_S: Final = 1.0
"""An outage ends with the first success this long after the last failure. Some requests may succeed
during an outage, such as those that miss the corrupt page: each would log that it is over."""

CHECKED_FOR_S: Final = 0.01
"""For so long a read relies on an earlier look."""

T = TypeVar("T")
_log = logging.getLogger("aftersales.database")


class Unreachable(Exception):
    """The database cannot be used, or was lost while it was asked. Worth trying again soon.

    A transaction that was lost is undone by the database. If it was lost as it committed, it may
    be done: nobody on this side can know.
    """

    retry_after: timedelta = timedelta(seconds=1)

    def __init__(self, said: str = "", outage: Outage = Outage.AWAY) -> None:
        super().__init__(said, outage)
        self.said = said.partition("\n")[0]  # PostgreSQL adds details and hints on further lines
        self.outage = outage

    def __str__(self) -> str:
        return f"{self.outage}: {self.said}" if self.said else str(self.outage)


class Availability:
    """Tells an outage of the database from any other error, and remembers the outage.

    Reading and writing are remembered apart: a database on a full disk still answers reads.
    """

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        """``check`` raises Unreachable for an outage that the driver does not notice."""
        self._check = check
        self._outages: dict[bool, Outage] = {}
        """By whether it was met by a writing transaction."""
        self._failed_at = 0.0
        self._checked_until = 0.0
        self._watches = {writes: Watch(self, writes=writes) for writes in (False, True)}

    @property
    def outage(self) -> Outage | None:
        """What the latest transactions met, and no success has disproved since."""
        return self._outages.get(True) or self._outages.get(False)

    @property
    def stops_writing(self) -> bool:
        """Whether the latest writing transactions failed, so that reading proves nothing."""
        return True in self._outages

    def watch(self, *, writes: bool = False) -> "Watch":
        """Around a transaction, from before it connects to after it commits. Raises Unreachable."""
        return self._watches[writes]

    def check(self, *, writes: bool = True) -> None:
        """Raises Unreachable for an outage that the driver does not notice.

        For reading it is looked at now and then, as looking takes some µs of every small read.
        """
        if self._check is None or (not writes and time.monotonic() < self._checked_until):
            return
        self._checked_until = 0.0
        self._check()
        self._checked_until = time.monotonic() + CHECKED_FOR_S

    def succeed(self, *, writes: bool) -> None:
        """A transaction ended well. It ends an outage, but not in the middle of failures."""
        if self._outages and time.monotonic() - self._failed_at > SETTLED_S:
            self.recover(writes=writes)

    def meet(self, error: Unreachable, *, writes: bool) -> None:
        """Remember an outage, and log it if it is news."""
        self._failed_at = time.monotonic()
        is_news = error.outage not in self._outages.values()
        self._outages[writes] = error.outage
        if is_news:
            _log.warning("%s", error)

    def recover(self, *, writes: bool) -> None:
        """Forget the outages that a success disproves, and log it if none is left."""
        if not self._outages:
            return
        self._outages.pop(False, None)
        if writes or self._outages.get(True) in DISPROVED_BY_READING:
            self._outages.pop(True, None)
        if not self._outages:
            _log.warning("the database answers again")


class Watch:
    """One of these serves all transactions of its kind: it keeps nothing of any of them."""

    __slots__ = ("_reach", "_writes")

    def __init__(self, reach: Availability, *, writes: bool) -> None:
        self._reach = reach
        self._writes = writes

    def __enter__(self) -> None:
        try:
            self._reach.check(writes=self._writes)
        except Unreachable as error:
            self._reach.meet(error, writes=self._writes)
            raise

    def __exit__(
        self, _kind: object, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            if self._writes:
                self.__enter__()  # what went into a file that is gone is not acknowledged
            self._reach.succeed(writes=self._writes)
            return
        unreachable = unreachable_of(error)
        if unreachable is not None:
            self._reach.meet(unreachable, writes=self._writes)
            if unreachable is not error:
                raise unreachable from error


def unreachable_of(error: BaseException) -> Unreachable | None:
    """What to raise for an error of a transaction; None if it tells of no outage."""
    if isinstance(error, Unreachable):
        return error
    if isinstance(error, DBAPIError):
        outage = outage_of(error.orig)
        if outage is None and error.connection_invalidated:
            outage = Outage.AWAY
        return None if outage is None else Unreachable(str(error.orig), outage)
    outage = outage_of(error)
    return None if outage is None else Unreachable(str(error), outage)


async def retry_until_available(
    ask: Callable[[], Awaitable[T]],
    patience: timedelta,
    tell: Callable[[Unreachable], None] = lambda _: None,
) -> T:
    """Ask again and again until the database answers. Raises Unreachable if it does not in time.

    The first time, ``tell`` is called. Raises Unreachable at once for an outage that does not end
    by itself.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + patience.total_seconds()
    is_told = False
    while True:
        try:
            return await ask()
        except Unreachable as away:
            if away.outage not in PASSING or loop.time() >= end:
                raise
            if not is_told:
                tell(away)
                is_told = True
            await asyncio.sleep(away.retry_after.total_seconds())


def watch_connections(engine: Engine) -> None:
    """Let a server's pool raise Unreachable where it cannot connect, and drop what is closed."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: object, args: Any, kwargs: Any) -> Any:
        try:
            return dialect.connect(*args, **kwargs)
        except OSError as error:
            raise Unreachable(str(error)) from error
        except Exception as error:
            unreachable = unreachable_of(error)
            if unreachable is None:
                raise
            raise unreachable from error

    @event.listens_for(engine, "checkout")
    def demand_open(connection: Any, _record: object, _proxy: object) -> None:
        # Nothing is asked, unlike with `pool_pre_ping`: that the server hung up has been heard.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    @event.listens_for(engine, "handle_error")
    def reconnect(context: ExceptionContext) -> None:
        if outage_of(context.original_exception) in RECONNECTING:
            context.is_disconnect = True  # closes all connections of the pool, not only this one
