"""Reading from a replica, while nobody misses there what they have written themselves."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from database.availability import Availability, Unreachable
from database.connection_limiter import ConnectionLimiter
from database.prepared import AnyConnection

RETRY_S: Final = 5.0
"""For how long a replica that did not answer is left alone."""
RECOVERY_CONFLICT: Final = "40001"
"""The SQLSTATE of a read that would have needed what the replica is about to remove."""
log = logging.getLogger("aftersales.database")


Marks = Mapping[int, int]
"""Positions in the log by their slots."""


class WriteMarks(Protocol):
    """Where each viewer's latest writes are marked, in the transactions that they mark."""

    async def mark(self, connection: AnyConnection, viewer: int) -> None:
        """Mark the transaction that is about to end as the viewer's latest."""

    async def marks_of(self, connection: AsyncConnection, viewer: int) -> Marks:
        """Return the viewer's marks that this server shows."""


@dataclass(frozen=True, slots=True)
class ReplicaAddress:
    """Where a replica is, and the marks that tell how far it has come."""

    url: str
    marks: WriteMarks


@dataclass(frozen=True, slots=True)
class CausalityToken:
    """What a viewer has to find again: their writes, as the primary knows them."""

    viewer: int
    marks: Marks


@dataclass(slots=True)
class Replica:
    """A second address for reads."""

    engine: AsyncEngine
    lane: ConnectionLimiter
    marks: WriteMarks
    reach: Availability = field(default_factory=Availability)
    _away_until: float = 0.0

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Around a read. Raises Unreachable, also where the replica gives it up to replay on."""
        try:
            with self.reach.watch():
                yield
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != RECOVERY_CONFLICT:
                raise
            raise Unreachable(str(error.orig)) from error

    async def enter(self, stack: AsyncExitStack, seen: CausalityToken) -> AsyncConnection | None:
        """A connection in a transaction that sees all that the viewer wrote; None if none does.

        Asked within that transaction, whose view stands still from its first statement on; also of
        those who wrote nothing, as the replica may be gone.
        """
        if time.monotonic() < self._away_until:
            return None
        await stack.enter_async_context(self.lane.enter())
        try:
            found = await stack.enter_async_context(self.engine.connect())
            there = await self.marks.marks_of(found, seen.viewer)
        except (Unreachable, OSError, SQLAlchemyError) as error:
            log.warning("the replica does not answer, the primary does its work: %s", error)
            self._away_until = time.monotonic() + RETRY_S
            return None
        behind = any(there.get(slot, 0) < position for slot, position in seen.marks.items())
        return None if behind else found
