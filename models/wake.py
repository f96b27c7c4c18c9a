"""Waking a clock before its time, when a deadline is set that lies sooner than it will look again.

On PostgreSQL the transaction that sets the deadline notifies, so that whoever hears it finds it.
Elsewhere, and while the connection that listens is lost, a clock looks once a second.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from database.backoff import Backoff
from database.database import Database
from database.prepared import AnyConnection, Prepared

CHANNEL: Final = "aftersales_clock"
LONGEST_SLEEP: Final = timedelta(minutes=1)
"""Of a clock that can be woken. So long may a notification that was lost stay unnoticed."""
LONGEST_DEAF_SLEEP: Final = timedelta(seconds=1)
SOON: Final = LONGEST_SLEEP + timedelta(seconds=10)
"""A deadline further off is found in time without a word, also by machines whose time differs a
little. To notify of each would cost more than it is worth: PostgreSQL commits those transactions
one after the other."""
LONGEST_RETRY: Final = timedelta(seconds=5)
"""How often a lost connection that listens is made anew, at least. It rings when it is there, which
ends the back-off of the clock that waits for the database."""
log = logging.getLogger("aftersales.clock")


def is_soon(due_at: datetime | None, now: datetime) -> bool:
    """Whether a clock has to be woken for the deadline, as it may not look again before it."""
    return due_at is not None and due_at - now <= SOON


def notifying(soon: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    """A column of a statement for a server that wakes the clocks, once it is committed."""
    return sa.case((soon, sa.cast(_NOTIFY, sa.Text)))


_NOTIFY: Final = sa.func.pg_notify(CHANNEL, "")
_NOTIFYING: Final = Prepared(sa.select(_NOTIFY.label("said")))


async def announce(session: AnyConnection, due_at: datetime | None, now: datetime) -> None:
    """Wake the clocks, once this transaction is committed, if the deadline is soon."""
    if is_soon(due_at, now):
        await wake(session)


async def wake(session: AnyConnection) -> None:
    """Wake the clocks once this transaction is committed."""
    if session.dialect.name == "postgresql":
        await _NOTIFYING.all(session)


class Alarm:
    """Sleeps until a time, until it is woken, or until its process is told to stop."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._rung = asyncio.Event()
        self.hears = False

    @classmethod
    @asynccontextmanager
    async def set(cls, database: Database, stop: asyncio.Event) -> AsyncIterator["Alarm"]:
        """An alarm that listens to the database, if that can be listened to."""
        alarm = cls(stop)
        if database.listening is None:
            yield alarm
            return
        listening = asyncio.create_task(alarm._keep_listening(database.listening))
        try:
            yield alarm
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    @property
    def longest(self) -> timedelta:
        """How long one may sleep and still miss no deadline by more than that."""
        return LONGEST_SLEEP if self.hears else LONGEST_DEAF_SLEEP

    def clear(self) -> None:
        """Forget what rang: to be called before looking, as what rings after that is news."""
        self._rung.clear()

    async def sleep(self, pause: timedelta) -> bool:
        """Returns whether something ended it before its time."""
        waits = [asyncio.create_task(one.wait()) for one in (self._rung, self._stop)]
        ended, _ = await asyncio.wait(
            waits, timeout=pause.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        for one in waits:
            one.cancel()
        return bool(ended)

    async def _keep_listening(self, engine: AsyncEngine) -> None:
        is_told, backoff = False, Backoff(LONGEST_RETRY)
        while True:
            try:
                await self._listen(engine)
                problem = "the connection was lost"
            except (OSError, InterfaceError, PostgresError, SQLAlchemyError) as error:
                problem = str(error).partition("\n")[0]
            if self.hears:
                backoff.reset()
            if self.hears or not is_told:  # not again each second while the database is away
                log.warning("cannot listen for deadlines, and looks for them: %s", problem)
                is_told = True
            self.hears = False
            await asyncio.sleep(backoff.next_delay().total_seconds())

    async def _listen(self, engine: AsyncEngine) -> None:
        """Returns when the connection is lost."""
        lost = asyncio.Event()

        def ring(*_: object) -> None:
            self._rung.set()

        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            if driver is None:
                return
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(CHANNEL, ring)
            self.hears = True
            ring()  # what was announced before this is not heard any more
            await lost.wait()
