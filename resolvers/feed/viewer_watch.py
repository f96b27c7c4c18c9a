"""Reading the viewers of streams again and again, so that nobody reads on without permission."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from auth.authenticator import Authenticator, Unauthenticated
from auth.viewer import Viewer
from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.database import Database
from domain.actors import ActorKind
from domain.enrolment import EnrolmentStatus
from domain.refusals.general import NotFound
from domain.refusals.orders import MerchantNotEnabled
from domain.refusals.refusal import Refused
from models.clock import Clock, ClockUnfit
from models.queries import merchants

PAUSE_S: Final = 1.0
"""The pause between two rounds. A change ends a stream within two seconds."""
TOGETHER: Final = 100
"""How many viewers are read at the same time."""
log = logging.getLogger("aftersales.feed")

Check = Callable[[Viewer], Awaitable[None]]
"""Raises if the viewer, as just read, may not go on."""


class Watched:
    """A stream whose viewer is read again; ``ended`` gets the exception that ends it.

    ``merchant_id`` is the merchant that the stream reads, if its resolver has chosen one.
    """

    def __init__(self, check: Check) -> None:
        self.check = check
        self.merchant_id: int | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end(self, error: Exception) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)


class ViewerWatch:
    """Reads each viewer once a second, whatever the number of their streams."""

    def __init__(self, database: Database, authenticator: Authenticator, clock: Clock) -> None:
        self._database = database
        self._authenticator = authenticator
        self._clock = clock
        self._watched: defaultdict[str, set[Watched]] = defaultdict(set)

    @contextlib.contextmanager
    def watching(self, token: str, check: Check) -> Iterator[Watched]:
        """Check the token's viewer once a second while the block runs."""
        watched = Watched(check)
        self._watched[token].add(watched)
        try:
            yield watched
        finally:
            self._watched[token].discard(watched)
            if not self._watched[token]:
                del self._watched[token]
            watched.ended.cancel()

    async def check_merchant(self, viewer: Viewer, read: int | None = None) -> None:
        """Refuse a viewer who works for a merchant that may not use the desk."""
        merchant_id = _own_merchant(viewer, read)
        if merchant_id is not None:
            async with self._database.read_prepared(vital=True) as connection:
                _demand_enabled(await merchants.enrolment(connection, merchant_id))

    async def run(self, stop: asyncio.Event) -> None:
        """Check all viewers once a second until told to stop."""
        while not stop.is_set():
            tokens = list(self._watched)
            for start in range(0, len(tokens), TOGETHER):
                try:
                    await self._check(tokens[start : start + TOGETHER])
                except Exception:
                    log.exception("could not read the viewers of streams")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_S)

    async def _check(self, tokens: Sequence[str]) -> None:
        read = await asyncio.gather(*map(self._read, tokens))
        viewers = {
            token: viewer for token, viewer in zip(tokens, read, strict=True) if viewer is not None
        }
        streams = [
            (watched, viewer, _own_merchant(viewer, watched.merchant_id))
            for token, viewer in viewers.items()
            for watched in self._watched.get(token, ())
        ]
        ids = {merchant_id for *_, merchant_id in streams if merchant_id is not None}
        try:
            async with self._database.read(vital=True) as connection:
                statuses = await merchants.enrolments(connection, sorted(ids)) if ids else {}
        except (Overloaded, Unreachable):
            return  # the next round checks, and streams cannot read either
        for watched, viewer, merchant_id in streams:
            try:
                if merchant_id is not None:
                    _demand_enabled(statuses.get(merchant_id))
                await watched.check(viewer)
                _demand_served(viewer, watched.merchant_id)
            except Exception as error:  # noqa: BLE001 - the stream words it
                watched.end(error)

    async def _read(self, token: str) -> Viewer | None:
        """None if the viewer cannot be read now, or is none any more: their streams then end."""
        try:
            return await self._authenticator.viewer(token, fresh=True)
        except (Overloaded, Unreachable):
            return None
        except Unauthenticated as error:
            for watched in self._watched.get(token, ()):
                watched.end(self._unfit() or error)
            return None

    def _unfit(self) -> ClockUnfit | None:
        """A wrong clock makes a good token look bad."""
        try:
            self._clock.demand_fit()
        except ClockUnfit as unfit:
            return unfit
        return None


def _own_merchant(viewer: Viewer, read: int | None) -> int | None:
    """The merchant for which the viewer works; None for the platform's staff.

    A storefront works for the merchant that it reads.
    """
    is_platforms = viewer.kind is ActorKind.CONNECTOR and viewer.merchant_id is None
    return read if is_platforms else viewer.merchant_id


def _demand_served(viewer: Viewer, merchant_id: int | None) -> None:
    if merchant_id is not None and not viewer.serves(merchant_id):
        raise Refused(NotFound(kind="Merchant", path=("merchantId",)))


def _demand_enabled(status: EnrolmentStatus | None) -> None:
    if status is not None and status is not EnrolmentStatus.ENABLED:
        raise Refused(MerchantNotEnabled(enrolment=status))
