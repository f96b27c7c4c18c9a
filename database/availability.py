"""Availability of the database: outages told from other errors, and logged once each."""

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
"""An outage ends with the first success this long after the last failure. Some requests succeed
during an outage, such as those that miss a corrupt page; each would log its end."""

CHECKED_FOR_S: Final = 0.01
"""For how long reads rely on an earlier check."""

T = TypeVar("T")
_log = logging.getLogger("aftersales.database")


class Unreachable(Exception):
    """The database cannot be used, or the connection was lost. Retry soon.

    The database rolls back a transaction whose connection is lost. If that happens during the
    commit, the client cannot know whether it was committed.
    """

    retry_after: timedelta = timedelta(seconds=1)

    def __init__(self, message: str = "", outage: Outage = Outage.AWAY) -> None:
        super().__init__(message, outage)
        self.message = message.partition("\n")[0]  # PostgreSQL adds details on further lines
        self.outage = outage

    def __str__(self) -> str:
        return f"{self.outage}: {self.message}" if self.message else str(self.outage)


class Availability:
    """The current outage, if any.

    Reads and writes have outages of their own: a database on a full disk still answers reads.
    """

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        """``check`` raises Unreachable for an outage that the driver does not notice."""
        self._check = check
        self._outages: dict[bool, Outage] = {}
        """Keyed by whether a writing transaction reported it."""
        self._failed_at = 0.0
        self._checked_until = 0.0
        self._watches = {writes: Watch(self, writes=writes) for writes in (False, True)}
        self._failures = Watch(self, writes=True, records_success=False)

    @property
    def outage(self) -> Outage | None:
        """The latest reported outage that no success has disproved since."""
        return self._outages.get(True) or self._outages.get(False)

    @property
    def stops_writing(self) -> bool:
        """Whether the latest writing transactions failed; a successful read proves nothing then."""
        return True in self._outages

    def watch(self, *, writes: bool = False) -> "Watch":
        """Around a transaction, from before it connects until after it commits.

        Raises Unreachable for an error that reports an outage.
        """
        return self._watches[writes]

    def watch_failures(self) -> "Watch":
        """The same for a writing transaction that may only read; its caller records success."""
        return self._failures

    def check(self, *, writes: bool = True) -> None:
        """Raises Unreachable for an outage that the driver does not notice.

        Reads check only every ``CHECKED_FOR_S``, because a check takes some µs.
        """
        if self._check is None or (not writes and time.monotonic() < self._checked_until):
            return
        self._checked_until = 0.0
        self._check()
        self._checked_until = time.monotonic() + CHECKED_FOR_S

    def record_success(self, *, writes: bool) -> None:
        """A transaction succeeded: the outage is over unless others failed a moment ago."""
        if self._outages and time.monotonic() - self._failed_at > SETTLED_S:
            self.recover(writes=writes)

    def record_failure(self, error: Unreachable, *, writes: bool) -> None:
        """A transaction failed: remember the outage, and log it if it is a new one."""
        self._failed_at = time.monotonic()
        is_new = error.outage not in self._outages.values()
        self._outages[writes] = error.outage
        if is_new:
            _log.warning("%s", error)

    def recover(self, *, writes: bool) -> None:
        """Forget the outages that a success disproves; log the recovery if none is left."""
        if not self._outages:
            return
        self._outages.pop(False, None)
        if writes or self._outages.get(True) in DISPROVED_BY_READING:
            self._outages.pop(True, None)
        if not self._outages:
            _log.warning("the database answers again")


class Watch:
    """A context manager without state, shared by all transactions of its kind."""

    __slots__ = ("_availability", "_records_success", "_writes")

    def __init__(
        self, availability: Availability, *, writes: bool, records_success: bool = True
    ) -> None:
        self._availability = availability
        self._writes = writes
        self._records_success = records_success

    def __enter__(self) -> None:
        try:
            self._availability.check(writes=self._writes)
        except Unreachable as error:
            self._availability.record_failure(error, writes=self._writes)
            raise

    def __exit__(
        self, _kind: object, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            if self._writes:
                self.__enter__()  # a commit into a replaced file is not acknowledged
            if self._records_success:
                self._availability.record_success(writes=self._writes)
            return
        unreachable = unreachable_of(error)
        if unreachable is not None:
            self._availability.record_failure(unreachable, writes=self._writes)
            if unreachable is not error:
                raise unreachable from error


def unreachable_of(error: BaseException) -> Unreachable | None:
    """The exception to raise for an error of a transaction; None if it reports no outage."""
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
    action: Callable[[], Awaitable[T]],
    patience: timedelta,
    report: Callable[[Unreachable], None] = lambda _: None,
) -> T:
    """Retry the action until the database answers. Raises Unreachable if it does not in time.

    ``report`` is called once, with the first outage. Raises Unreachable at once for an outage that
    does not end by itself.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + patience.total_seconds()
    is_reported = False
    while True:
        try:
            return await action()
        except Unreachable as unreachable:
            if unreachable.outage not in PASSING or loop.time() >= end:
                raise
            if not is_reported:
                report(unreachable)
                is_reported = True
            await asyncio.sleep(unreachable.retry_after.total_seconds())


def watch_connections(engine: Engine) -> None:
    """Let a server's pool raise Unreachable if it cannot connect, and drop closed connections."""

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
        # No round trip, unlike `pool_pre_ping`: the driver has noticed that the server hung up.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    @event.listens_for(engine, "handle_error")
    def reconnect(context: ExceptionContext) -> None:
        if outage_of(context.original_exception) in RECONNECTING:
            context.is_disconnect = True  # closes all connections of the pool, not only this one
