"""Whether the database answers: what is raised while it does not, and saying so once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError

_AWAY: Final = ("08", "57P", "53300")
"""How the SQLSTATEs begin of a server that goes, comes, or has no place for one more connection.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

T = TypeVar("T")
_log = logging.getLogger("aftersales.database")


class Unreachable(Exception):
    """The database is away, or went while it was asked. Worth trying again soon.

    A transaction that was lost is undone by the database. If it was lost as it committed, it may
    be done: nobody on this side can know.
    """

    retry_after: timedelta = timedelta(seconds=1)


class Reach:
    """Tells a database that is away from what else can go wrong with it."""

    def __init__(self) -> None:
        self._is_away = False

    def watch(self) -> "Reach":
        """Around a transaction, from before it connects to after it commits. Raises Unreachable."""
        return self

    def __enter__(self) -> None:
        """Nothing is kept of one block: several may be watched at the same time."""

    def __exit__(
        self, _kind: object, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            if self._is_away:
                self._is_away = False
                _log.warning("the database answers again")
        elif isinstance(error, Unreachable):
            self._went(error)
        elif isinstance(error, DBAPIError) and (
            error.connection_invalidated or is_away(error.orig)
        ):
            self._went(error.orig)
            raise Unreachable(str(error.orig)) from error

    def _went(self, error: BaseException | None) -> None:
        if not self._is_away:
            self._is_away = True
            _log.warning("the database is away: %s", error)


async def patiently(ask: Callable[[], Awaitable[T]], patience: timedelta) -> T:
    """Ask again and again until the database answers. Raises Unreachable if it does not in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience.total_seconds()
    while True:
        try:
            return await ask()
        except Unreachable as away:
            if loop.time() >= end:
                raise
            await asyncio.sleep(away.retry_after.total_seconds())


def watch_connections(engine: Engine) -> None:
    """Let the engine's pool say that nobody answers, and pass over what the server has closed."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: object, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - a driver's
        try:
            return dialect.connect(*args, **kwargs)
        except OSError as error:
            raise Unreachable(str(error)) from error

    @event.listens_for(engine, "checkout")
    def demand_open(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - a driver's
        # Nothing is asked, unlike with `pool_pre_ping`: that the server hung up has been heard.
        if connection.driver_connection.is_closed():
            raise DisconnectionError


def is_away(error: BaseException | None) -> bool:
    """Whether the driver's error says that the server goes, comes, or is full."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
    return isinstance(error, OSError) or state.startswith(_AWAY)
