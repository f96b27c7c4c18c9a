"""Reads from a replica that shows at least the viewer's own writes."""

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
"""For how long a replica that failed is not used."""
RECOVERY_CONFLICT: Final = "40001"
"""The SQLSTATE of a read that the replica cancelled because replay needed to remove its rows."""
log = logging.getLogger("aftersales.database")


Marks = Mapping[int, int]
"""Write-ahead log positions by slot."""


class WriteMarks(Protocol):
    """Stores a mark of each viewer's latest write, in the transaction of that write."""

    async def mark(self, connection: AnyConnection, viewer: int) -> None:
        """Mark the transaction, which is about to commit, as the viewer's latest."""

    async def marks_of(self, connection: AsyncConnection, viewer: int) -> Marks:
        """Return the viewer's marks that this server shows."""


@dataclass(frozen=True, slots=True)
class ReplicaAddress:
    """A replica's address, and the write marks that tell how far it has replayed."""

    url: str
    marks: WriteMarks


@dataclass(frozen=True, slots=True)
class CausalityToken:
    """The viewer's write marks on the primary, which a read must show."""

    viewer: int
    marks: Marks


@dataclass(slots=True)
class Replica:
    """A second server for reads."""

    engine: AsyncEngine
    limiter: ConnectionLimiter
    marks: WriteMarks
    availability: Availability = field(default_factory=Availability)
    _away_until: float = 0.0

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Around a read. Raises Unreachable, also if the replica cancels the read for replay."""
        try:
            with self.availability.watch():
                yield
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != RECOVERY_CONFLICT:
                raise
            raise Unreachable(str(error.orig)) from error

    async def connect(self, stack: AsyncExitStack, token: CausalityToken) -> AsyncConnection | None:
        """A connection in a transaction that shows the viewer's writes; None if there is none.

        The marks are read within that transaction, because its first statement fixes the snapshot.
        They are read for a viewer without writes too, as the replica may be away.
        """
        if time.monotonic() < self._away_until:
            return None
        await stack.enter_async_context(self.limiter.enter())
        try:
            connection = await stack.enter_async_context(self.engine.connect())
            marks = await self.marks.marks_of(connection, token.viewer)
        except (Unreachable, OSError, SQLAlchemyError) as error:
            log.warning("the replica does not answer, the primary takes its reads: %s", error)
            self._away_until = time.monotonic() + RETRY_S
            return None
        is_behind = any(marks.get(slot, 0) < position for slot, position in token.marks.items())
        return None if is_behind else connection
