"""Waking the clocks for a deadline that lies before their next look.

On PostgreSQL the transaction that sets the deadline notifies the clocks when it commits. On SQLite,
and while a clock's listening connection is lost, the clock looks once a second.
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
FEED_CHANNEL: Final = "aftersales_feed"
"""Where the sequencer says that the feed has new events."""
LONGEST_SLEEP: Final = timedelta(minutes=1)
"""The longest sleep of a clock that listens: how long a lost notification can go unnoticed."""
POLL_INTERVAL: Final = timedelta(seconds=1)
"""The longest sleep of a clock that does not listen."""
WAKE_WITHIN: Final = LONGEST_SLEEP + timedelta(seconds=10)
"""Clocks find a later deadline in time without a notification, also if their time differs a little.

Notifying of each deadline would cost more than it is worth: PostgreSQL commits the transactions
that notify one after the other."""
LONGEST_RETRY: Final = timedelta(seconds=5)
"""The longest pause before a lost listening connection is opened again.

A new connection ends the alarm's sleep, and with it a back-off that waits for the database."""
log = logging.getLogger("aftersales.clock")


def needs_wake(due_at: datetime | None, now: datetime) -> bool:
    """Whether the clocks may not look again before the deadline."""
    return due_at is not None and due_at - now <= WAKE_WITHIN


def notification(wakes: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    """A column of a PostgreSQL statement that notifies the clocks, on commit, if ``wakes``."""
    return sa.case((wakes, sa.cast(_NOTIFY, sa.Text)))


_NOTIFY: Final = sa.func.pg_notify(CHANNEL, "")
_NOTIFY_READERS: Final = Prepared(
    sa.select(sa.cast(sa.func.pg_notify(FEED_CHANNEL, ""), sa.Text).label("notified"))
)
_NOTIFY_CLOCKS: Final = Prepared(sa.select(_NOTIFY.label("notified")))


async def wake_for(session: AnyConnection, due_at: datetime | None, now: datetime) -> None:
    """Wake the clocks when this transaction commits, if the deadline needs it."""
    if needs_wake(due_at, now):
        await wake(session)


async def wake(session: AnyConnection) -> None:
    """Wake the clocks when this transaction commits."""
    if session.dialect.name == "postgresql":
        await _NOTIFY_CLOCKS.all(session)


async def announce_places(session: AnyConnection) -> None:
    """Wake the readers of the feed when this transaction commits.

    Only the sequencer does this. If each step did, PostgreSQL would commit steps one after another.
    """
    if session.dialect.name == "postgresql":
        await _NOTIFY_READERS.all(session)


class Alarm:
    """Sleeps until a time, until it is woken, or until its process is told to stop."""

    def __init__(self, stop: asyncio.Event, channel: str = CHANNEL) -> None:
        self._stop = stop
        self._channel = channel
        self._woken = asyncio.Event()
        self.is_listening = False

    @classmethod
    @asynccontextmanager
    async def set(
        cls, database: Database, stop: asyncio.Event, *, channel: str = CHANNEL
    ) -> AsyncIterator["Alarm"]:
        """An alarm that listens to the database, if the database can notify."""
        alarm = cls(stop, channel)
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
        """The longest sleep for a clock that must not be later than this for any deadline."""
        return LONGEST_SLEEP if self.is_listening else POLL_INTERVAL

    def ring(self) -> None:
        """Wake whoever sleeps."""
        self._woken.set()

    def clear(self) -> None:
        """Forget the notifications so far. Call it before looking: a later one is news."""
        self._woken.clear()

    async def sleep(self, pause: timedelta) -> bool:
        """Returns whether the sleep ended before its time."""
        tasks = [asyncio.create_task(event.wait()) for event in (self._woken, self._stop)]
        ended, _ = await asyncio.wait(
            tasks, timeout=pause.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        for task in tasks:
            task.cancel()
        return bool(ended)

    async def _keep_listening(self, engine: AsyncEngine) -> None:
        is_logged, backoff = False, Backoff(LONGEST_RETRY)
        while True:
            try:
                await self._listen(engine)
                problem = "the connection was lost"
            except (OSError, InterfaceError, PostgresError, SQLAlchemyError) as error:
                problem = str(error).partition("\n")[0]
            if self.is_listening:
                backoff.reset()
            if self.is_listening or not is_logged:  # once for each outage, not once a second
                log.warning("cannot listen on %s, and looks instead: %s", self._channel, problem)
                is_logged = True
            self.is_listening = False
            await asyncio.sleep(backoff.next_delay().total_seconds())

    async def _listen(self, engine: AsyncEngine) -> None:
        """Returns when the connection is lost."""
        lost = asyncio.Event()

        def wake_up(*_: object) -> None:
            self.ring()

        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            if driver is None:
                return
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(self._channel, wake_up)
            self.is_listening = True
            wake_up()  # earlier notifications did not arrive here
            await lost.wait()
