"""What every use case is given: who asks, when, and a way to the database and the pictures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.attempts import Attempts
from auth.authenticator import Authenticator, Unauthenticated
from auth.keys import Keys
from auth.viewer import Viewer
from database.advisory_lock import lock
from database.autocommit import Autocommit
from database.database import Database
from database.driver_connection import DriverConnection
from database.lazy_connection import LazyConnection
from database.replica import CausalityToken
from domain.refusals import NotFound, Refused
from domain.text import Language
from models.clock import Clock
from resolvers.pictures import Pictures


@dataclass(slots=True)
class Request:
    """A mutation under an idempotency key, and a hash of all that it asks for."""

    key: str
    hash: str
    replayed: bool = False
    """Set once it is known that it was carried out before."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a mutation: what its resolver answered with, or what it raised."""

    value: Any = None  # Any: a payload
    error: Exception | None = None

    def again(self) -> Any:  # noqa: ANN401 - a payload
        """The same once more."""
        if self.error is not None:
            raise self.error
        return self.value


@dataclass(slots=True)
class Context:
    """One request. ``now``, the time of the desk, stands still while it is answered."""

    database: Database
    authenticator: Authenticator
    attempts: Attempts
    keys: Keys
    pictures: Pictures
    clock: Clock
    wall: Clock
    """The real time, for sessions and tokens."""
    now: datetime
    language: Language = Language.ZH
    address: str = ""
    """The client's, as far as the operator trusts the proxies in between; empty if it has none."""
    token: str | None = None
    asked_by: Viewer | None = None
    running: set[tuple[object, ...]] = field(default_factory=set)
    """The idempotency keys under which this process is doing something."""
    request: Request | None = None
    """What is being done, if its client gave it an idempotency key."""
    shared: dict[object, Any] = field(default_factory=dict)
    """What the parts of one answer share. Any: each part knows its own."""

    changes: bool = False
    """Whether it is a mutation: what that answers is read where it was written."""

    done: Done | None = None
    """The mutation, if it has been carried out, and is still to be answered."""

    _lock: asyncio.Lock | None = None
    _seen: CausalityToken | None = None

    @property
    def viewer(self) -> Viewer:
        """Who asks, where a requirement has made sure that there is one."""
        if self.asked_by is None:
            raise Unauthenticated
        return self.asked_by

    @property
    def merchant_id(self) -> int:
        """The merchant that the viewer works for. Raises Refused for those who work for none."""
        if self.viewer.merchant_id is None:
            raise Refused(NotFound(kind="Merchant"))
        return self.viewer.merchant_id

    def recognizes(self) -> bool:
        """Whether it is known who asks, by what was found out a moment ago."""
        if self.asked_by is None and self.token is not None:
            self.asked_by = self.authenticator.recall(self.token)
        return self.asked_by is not None

    async def authenticate(self, *, fresh: bool) -> None:
        """Find out who asks; ``fresh`` reads it anew.

        Raises Unauthenticated for a bad token, ClockUnfit where the time to judge it is not known.
        """
        self.changes = self.changes or fresh
        async with self._asking():  # the fields of one query ask at the same time, for one answer
            if self.token is not None and (fresh or self.asked_by is None):
                try:
                    self.asked_by = await self.authenticator.viewer(self.token, fresh=fresh)
                except Unauthenticated:
                    self.clock.demand_fit()  # by a wrong clock a good token looks expired
                    raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction, on a replica if that shows what the viewer wrote."""
        async with self.database.read(token=await self._to_show()) as connection:
            yield connection

    def rows(self) -> AbstractAsyncContextManager[LazyConnection | DriverConnection]:
        """The same for statements that were compiled beforehand."""
        return (
            self.database.read_prepared() if self.database.replica is None else self._rows_to_show()
        )

    @asynccontextmanager
    async def _rows_to_show(self) -> AsyncIterator[LazyConnection | DriverConnection]:
        async with self.database.read_prepared(token=await self._to_show()) as rows:
            yield rows

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction: committed at the end of the block, undone by an exception."""
        return self.database.write(viewer=self._viewer_number)

    def write_prepared(self) -> AbstractAsyncContextManager[DriverConnection]:
        """The same for prepared statements alone."""
        return self.database.write_prepared(viewer=self._viewer_number)

    def autocommit(self) -> Autocommit:
        """For one write that needs no transaction. Anything else takes ``write``."""
        return self.database.autocommit(viewer=self._viewer_number)

    @property
    def _viewer_number(self) -> int | None:
        return None if self.asked_by is None else self.asked_by.number

    def _asking(self) -> asyncio.Lock:
        """Held while something is found out once for all fields; most requests need no such."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        return self._lock

    async def _to_show(self) -> CausalityToken | None:
        """Asked once for a request, however many fields it has."""
        if self.changes or self.database.replica is None:
            return None
        async with self._asking():
            if self._seen is None:
                self._seen = await self.database.causality_token(self._viewer_number)
        return self._seen


@asynccontextmanager
async def staff_change(context: Context) -> AsyncIterator[AsyncConnection]:
    """A write after which permissions are read anew, so that it holds at once in this process."""
    async with context.write() as connection:
        await lock(connection, "staff", context.merchant_id)
        yield connection
    context.authenticator.forget()
