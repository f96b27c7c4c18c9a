"""From the Authorization header to a viewer."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from auth import secrets, tokens
from auth.keys import Keys
from auth.viewer import Grant, Viewer
from database.bounded_cache import BoundedCache
from database.compiled import Row
from database.database import Database
from domain.actors import ActorKind
from domain.permissions import DELEGABLE, MAIN_ACCOUNT, PLATFORM, Permission
from domain.staffing import working_scopes
from models.clock import Clock
from models.queries import accounts

READ_STALENESS_S: Final = 2.0
"""For how long a read may go by permissions that have changed meanwhile."""

MAX_REMEMBERED: Final = 10_000

USE_NOTED_EVERY: Final = timedelta(hours=1)
"""How old a connector's last use may be before the next one is noted."""


def _cache() -> BoundedCache[str, Any]:  # Any: each is declared with its own values
    return BoundedCache(MAX_REMEMBERED)


class Unauthenticated(Exception):
    """The credentials are missing, malformed, expired or revoked."""


@dataclass(slots=True)
class Authenticator:
    """Tells who is asking. Viewers are remembered for two seconds, for reads alone."""

    database: Database
    keys: Keys
    wall: Clock
    """The real time, by which tokens expire: not the desk's, which a sandbox moves."""
    _known: BoundedCache[str, tuple[float, Viewer]] = field(default_factory=_cache)
    _verified: BoundedCache[str, tuple[tokens.Claims, datetime]] = field(default_factory=_cache)
    """What a token says and until when, for as long as it does: its signature stays what it is."""

    _seen: BoundedCache[str, tuple[Sequence[Row], Viewer]] = field(default_factory=_cache)
    """The rows that were read of an account, and what they come to while they are the same."""

    _used: dict[int, datetime] = field(default_factory=dict)
    """When connectors were used, where that is not stored yet."""

    async def viewer(self, token: str, *, fresh: bool) -> Viewer:
        """Raises Unauthenticated."""
        known = None if fresh else self.recall(token)
        if known is not None:
            return known
        viewer = await self._load(token)
        self._known.put(token, (time.monotonic() + READ_STALENESS_S, viewer))
        return viewer

    def recall(self, token: str) -> Viewer | None:
        """The viewer as of two seconds ago at most, if it is remembered."""
        known = self._known.peek(token)
        return known[1] if known is not None and time.monotonic() < known[0] else None

    def forget(self) -> None:
        """Let a change to accounts or permissions hold at once in this process."""
        self._known.clear()

    async def _load(self, token: str) -> Viewer:
        if token.startswith(f"{secrets.CONNECTOR}_"):
            return await self._connector(token)
        try:
            claims = self._claims(token, self.wall.now())
        except tokens.BadToken as error:
            raise Unauthenticated from error
        if isinstance(claims, tokens.Customer):
            return await self._customer(claims)
        return await self._account(token, claims.session_id)

    def _claims(self, token: str, now: datetime) -> tokens.Claims:
        """Raises BadToken."""
        known = self._verified.peek(token)
        if known is None:
            known = tokens.read(self.keys, token, now)
            self._verified.put(token, known)
        claims, expires_at = known
        if now >= expires_at:
            raise tokens.BadToken
        return claims

    async def _account(self, token: str, session_id: int) -> Viewer:
        async with self.database.read_prepared(vital=True) as session:
            rows = await accounts.signed_in(session, session_id)
        if not rows:
            raise Unauthenticated
        seen = self._seen.peek(token)
        if seen is not None and seen[0] == rows:
            return seen[1]
        read = accounts.read(rows, session.dialect)
        row = read[0]
        viewer = Viewer(
            kind=row.kind,
            id=row.id,
            name=row.name,
            merchant_id=row.merchant_id,
            grants=_grants(read),
            session_id=session_id,
        )
        self._seen.put(token, (rows, viewer))
        return viewer

    async def _connector(self, token: str) -> Viewer:
        opened = secrets.open_token(secrets.CONNECTOR, token)
        if opened is None:
            raise Unauthenticated
        now = self.wall.now()
        rows = await self._connector_rows(opened.id)
        row = rows[0]
        if not secrets.matches(row.secret_hash, opened.secret):
            raise Unauthenticated
        if row.last_used_at is None or now - row.last_used_at >= USE_NOTED_EVERY:
            self._used[row.id] = now
        return Viewer(
            kind=ActorKind.CONNECTOR,
            id=row.id,
            name=row.name,
            merchant_id=row.merchant_id,
            grants=_direct(_scopes(rows)),
        )

    async def _connector_rows(self, connector_id: int) -> Sequence[Any]:
        """Raises Unauthenticated."""
        async with self.database.read(vital=True) as connection:
            rows = await accounts.connector(connection, connector_id, self.wall.now())
        if not rows:
            raise Unauthenticated
        return rows

    async def store_uses(self) -> None:
        """Store when connectors were used. Raises Overloaded or Unreachable; then it is kept."""
        if not self._used:
            return
        storing = dict(self._used)
        async with self.database.write() as connection:
            await accounts.note_uses(connection, storing)
        for id_, at in storing.items():
            if self._used.get(id_) == at:
                del self._used[id_]

    async def _customer(self, claims: tokens.Customer) -> Viewer:
        # The token dies with the connector that asked for it, and with its scope.
        rows = await self._connector_rows(claims.connector_id)
        if Permission.CUSTOMER_ACT not in _scopes(rows):
            raise Unauthenticated
        return Viewer(
            kind=ActorKind.CUSTOMER,
            id=0,
            name=claims.customer_ref,
            merchant_id=claims.merchant_id,
            grants=_direct(frozenset({Permission.CUSTOMER_ACT})),
            customer_ref=claims.customer_ref,
        )


def _scopes(rows: Sequence[Any]) -> frozenset[Permission]:
    """What a connector may do now, by its scopes and by what its owner may do."""
    row = rows[0]
    scopes = _held(row.scopes)
    if row.merchant_id is None:
        return working_scopes(scopes, None)
    owner = _grants(rows) if row.kind is not None else {}
    return working_scopes(scopes, frozenset(owner))


def _grants(rows: Sequence[Any]) -> dict[Permission, Grant]:
    row = rows[0]
    if row.kind is ActorKind.MAIN_ACCOUNT:
        return _direct(MAIN_ACCOUNT)
    if row.kind is ActorKind.PLATFORM:
        return _direct(_held(row.permissions) & PLATFORM)
    extra = _held(row.extra_permissions)
    through = sorted((one.role, _held(one.role_permissions)) for one in rows if one.role)
    return {
        permission: Grant(permission in extra, roles)
        for permission in Permission
        if permission in DELEGABLE
        and (
            (roles := tuple(name for name, held in through if permission in held))
            or permission in extra
        )
    }


def _direct(permissions: frozenset[Permission]) -> dict[Permission, Grant]:
    return {
        permission: Grant(direct=True) for permission in Permission if permission in permissions
    }


def _held(stored: list[str] | None) -> frozenset[Permission]:
    return frozenset(Permission(value) for value in stored or ())
