"""Authenticates a token: finds its viewer."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from auth import secrets, tokens
from auth.keys import Keys
from auth.viewer import Grant, Viewer
from database.bounded_cache import BoundedCache
from database.compiled import Row
from database.database import Database
from domain.actors import ActorKind
from domain.desk.refunds import Ceiling
from domain.permissions import DELEGABLE, MAIN_ACCOUNT, PLATFORM, Permission
from domain.staffing import refund_ceiling, working_scopes
from domain.wording import DEFAULT_ZONE
from models.clock import Clock
from models.queries import accounts
from models.queries.signed_in_with_order import OrderAhead, signed_in_with_order

READ_STALENESS_S: Final = 2.0
"""How long reads may use permissions that have changed."""

MAX_CACHED: Final = 10_000

USE_NOTED_EVERY: Final = timedelta(hours=1)
"""How old the stored last use of a connector may be before it is updated."""


def _cache() -> BoundedCache[str, Any]:  # Any: each is declared with its own values
    return BoundedCache(MAX_CACHED)


class Unauthenticated(Exception):
    """The credentials are missing, malformed, expired or revoked."""


@dataclass(slots=True)
class Authenticator:
    """Finds the viewer of a token. For reads, viewers are cached for two seconds."""

    database: Database
    keys: Keys
    wall: Clock
    """The real time, by which tokens expire; a sandbox can move only the desk's."""
    _viewers: BoundedCache[str, tuple[float, Viewer]] = field(default_factory=_cache)
    """Viewers by token, and until when reads may use them."""

    _claims: BoundedCache[str, tuple[tokens.Claims, datetime]] = field(default_factory=_cache)
    """Verified claims by token, and their expiry: a signature needs to be verified only once."""

    _accounts: BoundedCache[str, tuple[Sequence[Row], Viewer]] = field(default_factory=_cache)
    """The last rows of an account by token, and the viewer that they make."""

    _uses: dict[int, datetime] = field(default_factory=dict)
    """The last uses of connectors that are not stored yet."""

    async def viewer(self, token: str, *, fresh: bool, ahead: OrderAhead | None = None) -> Viewer:
        """Raises Unauthenticated. A viewer that is read may bring along the order ``ahead``."""
        cached = None if fresh else self.recall(token)
        if cached is not None:
            return cached
        viewer = await self._load(token, ahead)
        self._viewers.put(token, (time.monotonic() + READ_STALENESS_S, viewer))
        return viewer

    def recall(self, token: str) -> Viewer | None:
        """The cached viewer, at most two seconds old, if there is one."""
        cached = self._viewers.peek(token)
        return cached[1] if cached is not None and time.monotonic() < cached[0] else None

    def forget(self) -> None:
        """Apply a change of accounts or permissions immediately in this process."""
        self._viewers.clear()

    async def _load(self, token: str, ahead: OrderAhead | None) -> Viewer:
        if token.startswith(f"{secrets.CONNECTOR}_"):
            return await self._load_connector(token)
        try:
            claims = self._verify(token, self.wall.now())
        except tokens.BadToken as error:
            raise Unauthenticated from error
        if isinstance(claims, tokens.Customer):
            return await self._load_customer(claims)
        return await self._load_account(token, claims, ahead)

    def _verify(self, token: str, now: datetime) -> tokens.Claims:
        """Raises BadToken."""
        verified = self._claims.peek(token)
        if verified is None:
            verified = tokens.read(self.keys, token, now)
            self._claims.put(token, verified)
        claims, expires_at = verified
        if now >= expires_at:
            raise tokens.BadToken
        return claims

    async def _load_account(
        self, token: str, claims: tokens.Session, ahead: OrderAhead | None
    ) -> Viewer:
        rows, dialect = await self._read_account(claims, ahead)
        if not rows:
            raise Unauthenticated
        cached = self._accounts.peek(token)
        if cached is not None and cached[0] == rows:
            return cached[1]
        account_rows = accounts.read(rows, dialect)
        row = account_rows[0]
        viewer = Viewer(
            kind=row.kind,
            id=row.id,
            name=row.name,
            merchant_id=row.merchant_id,
            grants=grants_of(account_rows),
            session_id=claims.session_id,
            refund_ceiling=_refund_ceiling(account_rows),
            zone=_zone(row),
        )
        self._accounts.put(token, (rows, viewer))
        return viewer

    async def _read_account(
        self, claims: tokens.Session, ahead: OrderAhead | None
    ) -> tuple[Sequence[Row], sa.Dialect]:
        database = self.database
        if ahead is not None and claims.merchant_id == ahead.merchant_id and database.reads_ahead:
            # Not a vital read: a lock on orders must not delay everybody's authentication.
            async with database.read_before_write() as session:
                rows = await signed_in_with_order(
                    session, claims.session_id, claims.merchant_id, ahead
                )
                return rows, session.dialect
        async with database.read_prepared(vital=True) as connection:
            rows = await accounts.signed_in(connection, claims.session_id, claims.merchant_id)
            return [tuple(row) for row in rows], connection.dialect

    async def _load_connector(self, token: str) -> Viewer:
        parts = secrets.open_token(secrets.CONNECTOR, token)
        if parts is None:
            raise Unauthenticated
        now = self.wall.now()
        rows = await self._read_connector(parts.id)
        row = rows[0]
        if not secrets.matches(row.secret_hash, parts.secret):
            raise Unauthenticated
        if row.last_used_at is None or now - row.last_used_at >= USE_NOTED_EVERY:
            self._uses[row.id] = now
        return Viewer(
            kind=ActorKind.CONNECTOR,
            id=row.id,
            name=row.name,
            merchant_id=row.merchant_id,
            merchant_ids=_served(rows),
            grants=_direct(_scopes(rows)),
            zone=_zone(row),
        )

    async def _read_connector(
        self, connector_id: int, for_merchant: int | None = None
    ) -> Sequence[Any]:
        """Raises Unauthenticated."""
        async with self.database.read_prepared(vital=True) as connection:
            rows = await accounts.connector(
                connection, connector_id, self.wall.now(), for_merchant=for_merchant
            )
        if not rows:
            raise Unauthenticated
        return rows

    async def store_uses(self) -> None:
        """Store the last uses of connectors. On Overloaded or Unreachable they stay in memory."""
        if not self._uses:
            return
        storing = dict(self._uses)
        async with self.database.write() as connection:
            await accounts.record_uses(connection, storing)
        for id_, at in storing.items():
            if self._uses.get(id_) == at:
                del self._uses[id_]

    async def _load_customer(self, claims: tokens.Customer) -> Viewer:
        # The token is valid only while its connector is, has the scope and serves the merchant.
        rows = await self._read_connector(claims.connector_id, claims.merchant_id)
        served = _served(rows)
        is_served = served is None or claims.merchant_id in served
        if Permission.CUSTOMER_ACT not in _scopes(rows) or not is_served:
            raise Unauthenticated
        return Viewer(
            kind=ActorKind.CUSTOMER,
            id=0,
            name=claims.customer_ref,
            merchant_id=claims.merchant_id,
            grants=_direct(frozenset({Permission.CUSTOMER_ACT})),
            customer_ref=claims.customer_ref,
            zone=_zone(rows[0]),
        )


def _zone(row: Any) -> tzinfo:  # noqa: ANN401 - a row with a merchant's time zone, if there is one
    return DEFAULT_ZONE if row.time_zone is None else ZoneInfo(row.time_zone)


def _scopes(rows: Sequence[Any]) -> frozenset[Permission]:
    """The permissions of a connector: its scopes, within the permissions of its owner."""
    row = rows[0]
    scopes = _held(row.scopes)
    if row.merchant_id is None:
        return working_scopes(scopes, None)
    owner = grants_of(rows) if row.kind is not None else {}
    return working_scopes(scopes, frozenset(owner))


def _served(rows: Sequence[Any]) -> frozenset[int] | None:
    """The merchants that a connector serves. None: all of them, as a connector of the platform."""
    row = rows[0]
    if row.merchant_id is not None:
        return frozenset({row.merchant_id})
    return None if row.merchant_ids is None else frozenset(row.merchant_ids)


def grants_of(rows: Sequence[Any]) -> dict[Permission, Grant]:
    """The permissions of an account, from its rows: one for each of its roles, at least one."""
    row = rows[0]
    if row.kind is ActorKind.MAIN_ACCOUNT:
        return _direct(MAIN_ACCOUNT)
    if row.kind is ActorKind.PLATFORM:
        return _direct(_held(row.permissions) & PLATFORM)
    direct = _held(row.extra_permissions)
    by_role = sorted((row.role, _held(row.role_permissions)) for row in rows if row.role)
    return {
        permission: Grant(permission in direct, roles)
        for permission in Permission
        if permission in DELEGABLE
        and (
            (roles := tuple(name for name, held in by_role if permission in held))
            or permission in direct
        )
    }


def _refund_ceiling(rows: Sequence[Any]) -> Ceiling:
    row = rows[0]
    if row.kind is ActorKind.MAIN_ACCOUNT:
        return None
    return refund_ceiling(
        extra_permissions=row.extra_permissions,
        own_ceiling=row.refund_ceiling,
        roles=[(row.role_permissions, row.role_refund_ceiling) for row in rows if row.role],
    )


def _direct(permissions: frozenset[Permission]) -> dict[Permission, Grant]:
    return {
        permission: Grant(direct=True) for permission in Permission if permission in permissions
    }


def _held(stored: list[str] | None) -> frozenset[Permission]:
    return frozenset(Permission(value) for value in stored or ())
