"""The context of a request: the argument that every use case takes first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.attempts import Attempts
from auth.authenticator import Authenticator, Unauthenticated
from auth.keys import Keys
from auth.viewer import Viewer
from database.autocommit import Autocommit
from database.database import Database
from database.driver_connection import DriverConnection
from database.lazy_connection import LazyConnection
from database.replica import CausalityToken
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.text import Language
from domain.wording import DEFAULT_ZONE
from models.clock import Clock
from models.queries.signed_in_with_order import OrderAhead
from outgoing.http_client import HttpClient
from outgoing.open_id import OpenIdClient
from resolvers.export_files import ExportFiles
from resolvers.feed.follower import Follower
from resolvers.feed.viewer_watch import ViewerWatch, Watched
from resolvers.mutation_run import IdempotencyClaim, MutationRun
from resolvers.pictures import Pictures
from resolvers.uploads import Uploads

ClaimIdentity = tuple[int | None, str, str]
"""The merchant, the actor and the idempotency key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of this process, shared by all its requests."""

    database: Database
    authenticator: Authenticator
    attempts: Attempts
    keys: Keys
    pictures: Pictures
    exports: ExportFiles
    uploads: Uploads
    outgoing: HttpClient
    open_id: OpenIdClient
    clock: Clock
    """The time of the desk, which a sandbox moves."""
    wall: Clock
    """The real time, for sessions and tokens."""
    follower: Follower
    """Follows the feeds that the streams of this process read."""
    viewer_watch: ViewerWatch
    """Reads the viewers of these streams again."""
    open_claims: set[ClaimIdentity] = field(default_factory=set)
    """The idempotency claims of the mutations that this process is carrying out."""


class ClientRequest(NamedTuple):
    """What a request brings along.

    A named tuple, because each request makes one and a frozen dataclass takes twice as long.
    """

    now: datetime
    """The time of the desk when the request began."""
    language: Language = Language.ZH
    description_language: Language = Language.EN
    """The language of the introspection: English for tools, which name none."""
    address: str = ""
    """The client's address, as far as the operator trusts the proxies; empty if there is none."""
    token: str | None = None
    user_agent: bytes = b""
    """What the client calls itself, as sent: only a sign-in reads it."""


@dataclass(slots=True)
class Context:
    """One request while it is answered.

    ``request`` is immutable. Three mutations replace it for what follows them in the same answer:
    signing in, signing out and advancing the sandbox's clock.
    """

    services: Services
    request: ClientRequest
    viewer_or_none: Viewer | None = None
    """None before authentication, and for requests without credentials."""
    mutation: MutationRun | None = None
    """None for a query."""
    shared: dict[object, Any] = field(default_factory=dict)
    """Values that the fields of one answer share. Any: each key has its own type."""

    reads_primary: bool = False
    """Whether the answer must not come from a replica, although the request changes nothing."""
    watched: Watched | None = None
    """The stream that this is, for a subscription: its viewer is read again while it runs."""

    ahead: OrderAhead | None = None
    """The order of the step that the request is about to take, if that is known beforehand."""

    _lock: asyncio.Lock | None = None
    _causality_token: CausalityToken | None = None

    @property
    def now(self) -> datetime:
        """The time of the desk. It stands still while the request is answered."""
        return self.request.now

    @property
    def language(self) -> Language:
        return self.request.language

    @property
    def zone(self) -> tzinfo:
        """The time zone of instants in messages: that of the viewer's merchant."""
        return DEFAULT_ZONE if self.viewer_or_none is None else self.viewer_or_none.zone

    @property
    def viewer(self) -> Viewer:
        """The authenticated viewer. Raises Unauthenticated if there is none."""
        if self.viewer_or_none is None:
            raise Unauthenticated
        return self.viewer_or_none

    @property
    def merchant_id(self) -> int:
        """The viewer's merchant. Raises Refused for a viewer without one."""
        merchant_id = self.viewer.merchant_id
        if merchant_id is None:
            raise Refused(NotFound(kind="Merchant"))
        return merchant_id

    @property
    def claim(self) -> IdempotencyClaim | None:
        """The idempotency claim of the mutation, if its client gave a key."""
        return None if self.mutation is None else self.mutation.claim

    def start_mutation(self) -> MutationRun:
        """Mark the request as a mutation: its answer is read from the primary, never a replica."""
        if self.mutation is None:
            self.mutation = MutationRun()
        return self.mutation

    def recall_viewer(self) -> bool:
        """Take the viewer from the authenticator's cache. False if it does not hold the viewer."""
        if self.viewer_or_none is None and self.request.token is not None:
            self.viewer_or_none = self.services.authenticator.recall(self.request.token)
        return self.viewer_or_none is not None

    async def authenticate(self, *, fresh: bool) -> None:
        """Find the viewer of the request's token; ``fresh`` bypasses the cache.

        Raises Unauthenticated for a bad token, ClockUnfit if no clock can tell whether it expired.
        """
        token = self.request.token
        async with self._lookup_lock():
            if token is not None and (fresh or self.viewer_or_none is None):
                try:
                    viewer = await self.services.authenticator.viewer(
                        token, fresh=fresh, ahead=self.ahead
                    )
                except Unauthenticated:
                    self.services.clock.demand_fit()  # a wrong clock makes a good token look bad
                    raise
                self.viewer_or_none = viewer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A read transaction, on a replica if that already shows the viewer's own writes."""
        token = await self._replica_token()
        async with self.services.database.read(token=token) as connection:
            yield connection

    def rows(self) -> AbstractAsyncContextManager[LazyConnection | DriverConnection]:
        """A read transaction like ``read``, for prepared statements only."""
        database = self.services.database
        return database.read_prepared() if database.replica is None else self._replica_rows()

    @asynccontextmanager
    async def _replica_rows(self) -> AsyncIterator[LazyConnection | DriverConnection]:
        token = await self._replica_token()
        async with self.services.database.read_prepared(token=token) as connection:
            yield connection

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A write transaction: committed at the end of the block, rolled back by an exception."""
        return self.services.database.write(viewer=self._viewer_number)

    def write_prepared(self) -> AbstractAsyncContextManager[DriverConnection]:
        """A write transaction like ``write``, for prepared statements only."""
        return self.services.database.write_prepared(viewer=self._viewer_number)

    def autocommit(self) -> Autocommit:
        """For a single write that needs no transaction; any other use case takes ``write``."""
        return self.services.database.autocommit(viewer=self._viewer_number)

    @property
    def _viewer_number(self) -> int | None:
        return None if self.viewer_or_none is None else self.viewer_or_none.number

    def _lookup_lock(self) -> asyncio.Lock:
        """The lock under which concurrent fields share one lookup. Most requests never need it."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        return self._lock

    async def _replica_token(self) -> CausalityToken | None:
        """The viewer's causality token, looked up once per request; None rules out the replica."""
        database = self.services.database
        if self.mutation is not None or self.reads_primary or database.replica is None:
            return None
        async with self._lookup_lock():
            if self._causality_token is None:
                self._causality_token = await database.causality_token(self._viewer_number)
        return self._causality_token
