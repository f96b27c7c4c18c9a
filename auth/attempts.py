"""Failed sign-ins: who has to wait, and counting them without a write for each.

Failures are counted in memory and stored by the dozen, so that guessing takes no place among the
writes. What is stored counts for every process and outlives a restart; what a process has not
stored yet counts for itself. See docs/decisions/0036-guessing-passwords.md.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from auth import passwords
from auth.device_tokens import Device
from auth.keys import Keys
from auth.places import place_of
from database.bounded_cache import BoundedCache
from database.connection_limiter import ConnectionLimiter, Limits, Overloaded
from database.database import Database
from domain.refusals import Refused, TooManyAttempts
from models.clock import Clock
from models.queries import throttles
from models.queries.throttles import Failures

WINDOW: Final = timedelta(minutes=15)
"""How long failures count, from the first of them on."""

MAX_AT_PLACE: Final = 10
"""Failures for a login from a place from which it has not signed in before."""
MAX_AT_KNOWN_PLACE: Final = 30
"""Failures for a login from a place from which it has. Strangers may share it: an office, a NAT."""
MAX_OF_DEVICE: Final = 10
"""Failures of a device that has signed in to the account before, wherever it is."""
MAX_OF_PLACE: Final = 30
"""Failures from a place over all logins, before logins that are new there have to wait."""
MAX_OF_LOGIN: Final = 100
"""Failures for a login over all places, before places that are new to it have to wait."""

MAX_TOGETHER: Final = 64
"""Attempts from one place that are under way in a process; more are refused as too much to do."""
MAX_UNSTORED: Final = 10_000
"""Counts that a process keeps until they are stored. When there are more, nobody signs in: to
forget one of them would let an attacker push out their own."""
REMEMBER_BLOCKED: Final = timedelta(seconds=10)
MAX_BLOCKED: Final = 10_000

_ONE_BY_ONE: Final = Limits(waiting=MAX_TOGETHER, patience=timedelta(seconds=20))
_NOTHING: Final[dict[str, Failures]] = {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a password: the keys under which its failure counts. They are keyed hashes."""

    at_place: str
    of_place: str
    of_login: str
    of_device: str | None
    device: Device | None
    """Whose token came along, if it is one of ours. It counts for its own account alone."""

    @property
    def as_sent(self) -> str:
        """The same for each request with this login, from this place, with this device token."""
        return self.at_place + (self.of_device or "")


@dataclass(frozen=True, slots=True)
class Blocked:
    """Somebody who was told to wait. It is looked up again now and then, whether it still holds."""

    remembered_until: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """Which counts must be below which limits, and which go up by a failure."""

    limits: Mapping[str, int]
    counted: Sequence[str]


@dataclass(slots=True)
class Attempts:
    """The attempts that one process has seen."""

    database: Database
    keys: Keys
    wall: Clock
    _unstored: dict[str, Failures] = field(default_factory=dict)
    _storing: dict[str, Failures] = field(default_factory=lambda: _NOTHING)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)
    _blocked: BoundedCache[str, Blocked] = field(default_factory=lambda: BoundedCache(MAX_BLOCKED))
    _lanes: dict[str, ConnectionLimiter] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)

    def attempt(self, login: str, address: str, device: Device | None) -> Attempt:
        place = place_of(address)
        return Attempt(
            at_place=self.key("at place", login, place),
            of_place=self.key("of place", place),
            of_login=self.key("of login", login),
            of_device=self.key("of device", device.account_id, device.nonce) if device else None,
            device=device,
        )

    def key(self, *what: object) -> str:
        """What is counted, without a login or an address in the database."""
        return self.keys.sign("sign-in", "\0".join(map(str, what)))

    @asynccontextmanager
    async def turn(self, attempt: Attempt) -> AsyncIterator[None]:
        """A place among those who try passwords; for one login from one place, one at a time.

        So a failure is counted before the next password is looked at, and any number of right ones
        go through. Raises Refused, or Overloaded.
        """
        self._refuse_blocked(attempt)
        if self._under_way[attempt.of_place] >= MAX_TOGETHER or self._is_full():
            raise Overloaded
        async with AsyncExitStack() as stack:
            for key in (attempt.at_place, attempt.of_place):
                self._under_way[key] += 1
                stack.callback(self._leave, key)
            lane = self._lanes.setdefault(attempt.at_place, ConnectionLimiter(1, _ONE_BY_ONE))
            await stack.enter_async_context(lane.enter())
            await stack.enter_async_context(passwords.turn())
            yield

    async def check(self, attempt: Attempt, terms: Terms) -> None:
        """Raises Refused where there were too many failures."""
        now = self.wall.now()
        counts = await self._counts(list(terms.limits), now)
        ends = [
            found.since + WINDOW
            for key, limit in terms.limits.items()
            if (found := counts.get(key)) is not None and found.count >= limit
        ]
        if not ends:
            return
        blocked = Blocked(min(max(ends), now + REMEMBER_BLOCKED), max(ends))
        self._blocked.put(attempt.as_sent, blocked)
        raise Refused(TooManyAttempts(retry_at=max(ends)))

    def fail(self, terms: Terms) -> None:
        now = self.wall.now()
        for key in terms.counted:
            self._unstored[key] = Failures(1, now).after(self._unstored.get(key), now - WINDOW)

    def forgive(self, attempt: Attempt) -> list[str]:
        """The attempt was right. The keys whose stored counts are to go, too."""
        keys = [attempt.at_place, *([attempt.of_device] if attempt.of_device else [])]
        for key in keys:
            self._unstored.pop(key, None)
        for key in (attempt.at_place, attempt.as_sent):
            self._blocked.remove(key)
        return keys

    async def store(self) -> None:
        """Store what was counted. Raises Overloaded or Unreachable; then it stays in memory."""
        if not self._unstored:
            return
        now = self.wall.now()
        storing = self._storing = self._unstored
        self._unstored = {}
        self._settled.clear()
        try:
            async with self.database.write() as connection:
                await throttles.add(connection, storing, before=now - WINDOW)
        except BaseException:
            for key, failures in storing.items():
                self._unstored[key] = failures.after(self._unstored.get(key), now - WINDOW)
            raise
        finally:
            self._storing = _NOTHING
            self._settled.set()

    async def _counts(self, keys: Sequence[str], now: datetime) -> dict[str, Failures]:
        """What is stored and what is not, each failure once, though some are just being stored."""
        while True:
            storing = self._storing
            if not storing.keys().isdisjoint(keys):
                await self._settled.wait()
                continue
            async with self.database.read(vital=True) as connection:
                counts = await throttles.read(connection, keys, since=now - WINDOW)
            if storing is self._storing:
                break
        for key in keys:
            own = self._unstored.get(key)
            if own is not None and own.since > now - WINDOW:
                counts[key] = own.after(counts.get(key), now - WINDOW)
        return counts

    def _refuse_blocked(self, attempt: Attempt) -> None:
        """Raises Refused for whoever was told to wait a moment ago: without a look at anything."""
        blocked = self._blocked.peek(attempt.as_sent)
        if blocked is not None and self.wall.now() < blocked.remembered_until:
            raise Refused(TooManyAttempts(retry_at=blocked.retry_at))

    def _is_full(self) -> bool:
        if len(self._unstored) < MAX_UNSTORED:
            return False
        since = self.wall.now() - WINDOW
        self._unstored = {k: one for k, one in self._unstored.items() if one.since > since}
        return len(self._unstored) >= MAX_UNSTORED

    def _leave(self, key: str) -> None:
        self._under_way[key] -= 1
        if not self._under_way[key]:
            del self._under_way[key]
            self._lanes.pop(key, None)
