"""Counts failed sign-ins, and refuses further attempts beyond the limits.

Failures are counted in memory and stored in batches, so that guessing passwords does not compete
with writes. Stored counts hold for every process and survive a restart; counts that are not stored
yet hold for their own process. See docs/decisions/0036-guessing-passwords.md.

The place of an attempt is the network of the client's address.
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
from auth.networks import network_of
from database.bounded_cache import BoundedCache
from database.connection_limiter import ConnectionLimiter, Limits, Overloaded
from database.database import Database
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import TooManyAttempts
from models.clock import Clock
from models.queries import throttles
from models.queries.throttles import Failures

WINDOW: Final = timedelta(minutes=15)
"""How long failures count, from the first one on."""

MAX_AT_PLACE: Final = 10
"""Failures for a login from a place where it has not signed in before."""
MAX_AT_KNOWN_PLACE: Final = 30
"""Failures for a login from a place where it has signed in. Others may share that place: a NAT."""
MAX_OF_DEVICE: Final = 10
"""Failures of a device that has signed in to the account before, at any place."""
MAX_OF_PLACE: Final = 30
"""Failures from a place over all logins; beyond that, logins that are new there must wait."""
MAX_OF_LOGIN: Final = 100
"""Failures for a login over all places; beyond that, places that are new to it must wait."""

MAX_CONCURRENT: Final = 64
"""Concurrent attempts from one place in a process; more raise Overloaded."""
MAX_UNSTORED: Final = 10_000
"""Counts that a process holds until they are stored. Beyond that, nobody can sign in: if counts
were dropped, attackers could push out their own."""
BLOCK_LIFETIME: Final = timedelta(seconds=10)
"""How long a process refuses a blocked attempt without reading the counts again."""
MAX_BLOCKED: Final = 10_000

OUTCOMES: Final = ("ok", "wrong_credentials", "disabled", "too_many_attempts", "overloaded")
"""How an attempt to sign in ends. All are shown from the start: a rate needs a first value."""

_ONE_AT_A_TIME: Final = Limits(waiting=MAX_CONCURRENT, patience=timedelta(seconds=20))
_NOTHING: Final[dict[str, Failures]] = {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a password: the keys under which its failure is counted. They are keyed hashes."""

    at_place: str
    of_place: str
    of_login: str
    of_device: str | None
    device: Device | None
    """The device of a valid device token. It counts only for its own account."""

    @property
    def as_sent(self) -> str:
        """Equal for all requests with this login, from this place, with this device token."""
        return self.at_place + (self.of_device or "")


@dataclass(frozen=True, slots=True)
class Blocked:
    """An attempt that was refused. It is checked again after ``valid_until``."""

    valid_until: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """The limit of each count that is checked, and the counts that a failure increases."""

    limits: Mapping[str, int]
    counted: Sequence[str]


@dataclass(slots=True)
class Attempts:
    """The failed attempts of one process, and the attempts in progress."""

    database: Database
    keys: Keys
    wall: Clock
    outcomes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(OUTCOMES, 0)))
    """Attempts to sign in, by how they ended."""
    _unstored: dict[str, Failures] = field(default_factory=dict)
    _storing: dict[str, Failures] = field(default_factory=lambda: _NOTHING)
    _stored: asyncio.Event = field(default_factory=asyncio.Event)
    _blocked: BoundedCache[str, Blocked] = field(default_factory=lambda: BoundedCache(MAX_BLOCKED))
    _limiters: dict[str, ConnectionLimiter] = field(default_factory=dict)
    _concurrent: Counter[str] = field(default_factory=Counter)

    def attempt(self, login: str, address: str, device: Device | None) -> Attempt:
        place = network_of(address)
        return Attempt(
            at_place=self.key("at place", login, place),
            of_place=self.key("of place", place),
            of_login=self.key("of login", login),
            of_device=self.key("of device", device.account_id, device.nonce) if device else None,
            device=device,
        )

    def key(self, *parts: object) -> str:
        """The key of a count: a keyed hash keeps logins and addresses out of the database."""
        return self.keys.sign("sign-in", "\0".join(map(str, parts)))

    @asynccontextmanager
    async def permit(self, attempt: Attempt) -> AsyncIterator[None]:
        """Permit to check a password: one at a time for a login from a place.

        So each failure is counted before the next password is checked, without a limit on correct
        ones.

        Raises:
            Refused: the attempt was refused a moment ago.
            Overloaded: too many attempts are waiting.
        """
        self._refuse_blocked(attempt)
        if self._concurrent[attempt.of_place] >= MAX_CONCURRENT or self._is_full():
            self.outcomes["overloaded"] += 1
            raise Overloaded
        async with AsyncExitStack() as stack:
            for key in (attempt.at_place, attempt.of_place):
                self._concurrent[key] += 1
                stack.callback(self._leave, key)
            limiter = self._limiters.setdefault(
                attempt.at_place, ConnectionLimiter(1, _ONE_AT_A_TIME)
            )
            await stack.enter_async_context(limiter.enter())
            await stack.enter_async_context(passwords.permit())
            yield

    async def check(self, attempt: Attempt, terms: Terms) -> None:
        """Raises Refused after too many failures."""
        now = self.wall.now()
        counts = await self._counts(list(terms.limits), now)
        ends = [
            failures.since + WINDOW
            for key, limit in terms.limits.items()
            if (failures := counts.get(key)) is not None and failures.count >= limit
        ]
        if not ends:
            return
        blocked = Blocked(min(max(ends), now + BLOCK_LIFETIME), max(ends))
        self._blocked.put(attempt.as_sent, blocked)
        self.outcomes["too_many_attempts"] += 1
        raise Refused(TooManyAttempts(retry_at=max(ends)))

    def fail(self, terms: Terms) -> None:
        now = self.wall.now()
        for key in terms.counted:
            self._unstored[key] = Failures(1, now).after(self._unstored.get(key), now - WINDOW)

    def forgive(self, attempt: Attempt) -> list[str]:
        """Forget the failures before a correct password. Returns the stored keys to delete."""
        keys = [attempt.at_place, *([attempt.of_device] if attempt.of_device else [])]
        for key in keys:
            self._unstored.pop(key, None)
        for key in (attempt.at_place, attempt.as_sent):
            self._blocked.remove(key)
        return keys

    async def store(self) -> None:
        """Store the new counts. On Overloaded or Unreachable they stay in memory."""
        if not self._unstored:
            return
        now = self.wall.now()
        storing = self._storing = self._unstored
        self._unstored = {}
        self._stored.clear()
        try:
            async with self.database.write() as connection:
                await throttles.add(connection, storing, before=now - WINDOW)
        except BaseException:
            for key, failures in storing.items():
                self._unstored[key] = failures.after(self._unstored.get(key), now - WINDOW)
            raise
        finally:
            self._storing = _NOTHING
            self._stored.set()

    async def _counts(self, keys: Sequence[str], now: datetime) -> dict[str, Failures]:
        """The stored counts plus the new ones, without counting twice what is just being stored."""
        while True:
            storing = self._storing
            if not storing.keys().isdisjoint(keys):
                await self._stored.wait()
                continue
            async with self.database.read(vital=True) as connection:
                counts = await throttles.read(connection, keys, since=now - WINDOW)
            if storing is self._storing:
                break
        for key in keys:
            new = self._unstored.get(key)
            if new is not None and new.since > now - WINDOW:
                counts[key] = new.after(counts.get(key), now - WINDOW)
        return counts

    def _refuse_blocked(self, attempt: Attempt) -> None:
        """Raises Refused if the attempt was refused a moment ago, without reading the counts."""
        blocked = self._blocked.peek(attempt.as_sent)
        if blocked is not None and self.wall.now() < blocked.valid_until:
            self.outcomes["too_many_attempts"] += 1
            raise Refused(TooManyAttempts(retry_at=blocked.retry_at))

    def _is_full(self) -> bool:
        if len(self._unstored) < MAX_UNSTORED:
            return False
        since = self.wall.now() - WINDOW
        self._unstored = {k: new for k, new in self._unstored.items() if new.since > since}
        return len(self._unstored) >= MAX_UNSTORED

    def _leave(self, key: str) -> None:
        self._concurrent[key] -= 1
        if not self._concurrent[key]:
            del self._concurrent[key]
            self._limiters.pop(key, None)
