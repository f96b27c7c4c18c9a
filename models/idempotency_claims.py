"""Idempotency claims: a mutation claims its client's key, or finds the result stored under it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock_number, try_lock
from database.distribution import is_distributed
from database.prepared import AnyConnection, Prepared
from models.columns import Stored
from models.idempotency import KEEP, idempotency_keys

_TABLE: Final = idempotency_keys.c
_PRIMARY: Final = (_TABLE.merchant_id, _TABLE.actor, _TABLE.key)
_INSERT: Final[Mapping[str, Callable[[sa.Table], postgresql.Insert | sqlite.Insert]]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimKey:
    """The primary key of a claim. Two actors may use the same ``key`` for different requests."""

    merchant_id: int
    actor: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClaim:
    """The claim of a request that was carried out, and its result."""

    request_hash: str
    result: Stored | None


async def claim(
    session: AnyConnection,
    key: ClaimKey,
    request_hash: str,
    result: Stored | None,
    *,
    now: datetime,
) -> bool:
    """Claim the key for this transaction. False if another request holds it, finished or not.

    One statement takes the advisory lock and inserts the row. A lock and a query would be two, and
    a query in the lock's own statement misses a claim that was committed while it waited; an insert
    does not.
    """
    expired_at = {} if session.dialect.name == "postgresql" else {"expired_at": now - KEEP}
    rows = await _CLAIM[session.dialect.name].all(
        session,
        **expired_at,
        **_key_parameters(key),
        for_request_hash=request_hash,
        for_result=result,
        for_created_at=now,
        number=lock_number("idempotency", key.merchant_id, key.actor, key.key),
    )
    return bool(rows)


def _claim_statement(dialect: str) -> Prepared:
    row = {
        name: sa.bindparam(f"for_{name}", type_=_TABLE[name].type)
        for name in (*_KEY_COLUMNS, "request_hash", "result", "created_at")
    }
    number = sa.bindparam("number", type_=sa.BigInteger)
    insert = _INSERT[dialect](idempotency_keys).from_select(
        list(row), sa.select(*row.values()).where(try_lock(dialect, number))
    )
    return Prepared(
        insert.on_conflict_do_update(
            index_elements=_PRIMARY,
            set_={name: insert.excluded[name] for name in ("request_hash", "result", "created_at")},
            where=_is_expired(insert, dialect),
        ).returning(_TABLE.created_at)
    )


def _is_expired(insert: postgresql.Insert | sqlite.Insert, dialect: str) -> sa.ColumnElement[bool]:
    """Whether the stored row is older than ``KEEP``, at the time of the new one.

    Without a parameter: Citus runs the query and the insert apart, and cannot tell the type of one
    that stands in the insert alone.
    """
    if dialect == "postgresql":
        keep = sa.literal_column(f"interval '{KEEP.total_seconds():.0f} seconds'", sa.Interval())
        return insert.excluded.created_at - _TABLE.created_at >= keep
    return _TABLE.created_at <= sa.bindparam("expired_at")


async def find(session: AnyConnection, key: ClaimKey, *, now: datetime) -> StoredClaim | None:
    """The committed claim of the key. None if there is none, or another request has locked it.

    The row is locked, so that only one of several repeated requests finishes the rest of a batch.
    """
    rows = await _FIND.all(session, **_key_parameters(key), expired_at=now - KEEP)
    return StoredClaim(request_hash=rows[0].request_hash, result=rows[0].result) if rows else None


async def store_result(session: AnyConnection, key: ClaimKey, result: Stored) -> None:
    """Store a result that was not known yet when the key was claimed."""
    await _STORE_RESULT.all(session, **_key_parameters(key), new_result=result)


async def release(session: AnyConnection, key: ClaimKey) -> None:
    """Delete the claim of a request that changed nothing: the key may be used again."""
    await _RELEASE.all(session, **_key_parameters(key))


def _key_parameters(key: ClaimKey) -> dict[str, object]:
    return {f"for_{name}": getattr(key, name) for name in _KEY_COLUMNS}


_KEY_COLUMNS: Final = ("merchant_id", "actor", "key")
_HAS_KEY: Final = tuple(_TABLE[name] == sa.bindparam(f"for_{name}") for name in _KEY_COLUMNS)
_CLAIM: Final = {dialect: _claim_statement(dialect) for dialect in _INSERT}
_FIND: Final = Prepared(
    sa.select(_TABLE.request_hash, _TABLE.result)
    .where(*_HAS_KEY, _TABLE.created_at > sa.bindparam("expired_at"))
    .with_for_update(skip_locked=True)
)
_STORE_RESULT: Final = Prepared(
    sa.update(idempotency_keys)
    .where(*_HAS_KEY)
    .values(result=sa.bindparam("new_result", type_=_TABLE.result.type))
    .returning(_TABLE.created_at)
)
_RELEASE: Final = Prepared(
    sa.delete(idempotency_keys).where(*_HAS_KEY).returning(_TABLE.created_at)
)


async def delete_expired(connection: AsyncConnection, *, now: datetime, limit: int) -> int:
    """Delete the oldest expired claims, ``limit`` at most. Returns how many were deleted.

    Each by its primary key: given them as a set, both databases may read the whole table.
    """
    query = sa.select(*_PRIMARY).where(_TABLE.created_at <= now - KEEP).order_by(_TABLE.created_at)
    if is_distributed(connection.dialect):
        # Citus locks rows of a named merchant only: those of the merchant with the oldest key.
        oldest = (await connection.execute(query.limit(1))).first()
        if oldest is None:
            return 0
        query = query.where(_TABLE.merchant_id == oldest.merchant_id)
    rows = await connection.execute(query.limit(limit).with_for_update(skip_locked=True))
    keys = [{f"old_{name}": value for name, value in row.items()} for row in rows.mappings()]
    if keys:
        has_key = [column == sa.bindparam(f"old_{column.name}") for column in _PRIMARY]
        await connection.execute(sa.delete(idempotency_keys).where(*has_key), keys)
    return len(keys)
