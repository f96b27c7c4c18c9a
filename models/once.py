"""Doing something once for each idempotency key: claim the key, or find what was done under it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock_number, try_lock
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
    """Whose key it is, and the key. One that somebody else uses too is another one."""

    merchant_id: int
    actor: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A request that was carried out under a key, and what came of it."""

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
    """Take the key for this transaction. False if it is taken: by a request that runs, or ran.

    One statement for the lock, the look and the row. A lock and then a look would be two; a look in
    the statement of the lock would not see who let go of it a moment ago, but an insert does.
    """
    claimed = await _CLAIMING[session.dialect.name].all(
        session,
        **_of(key),
        for_request_hash=request_hash,
        for_result=result,
        for_created_at=now,
        forgotten=now - KEEP,
        number=lock_number("idempotency", key.merchant_id, key.actor, key.key),
    )
    return bool(claimed)


def _claiming(dialect: str) -> Prepared:
    row = {
        name: sa.bindparam(f"for_{name}", type_=_TABLE[name].type)
        for name in (*_NAMED, "request_hash", "result", "created_at")
    }
    number = sa.bindparam("number", type_=sa.BigInteger)
    insert = _INSERT[dialect](idempotency_keys).from_select(
        list(row), sa.select(*row.values()).where(try_lock(dialect, number))
    )
    return Prepared(
        insert.on_conflict_do_update(
            index_elements=_PRIMARY,
            set_={name: insert.excluded[name] for name in ("request_hash", "result", "created_at")},
            where=_TABLE.created_at <= sa.bindparam("forgotten"),
        ).returning(_TABLE.created_at)
    )


async def find(session: AnyConnection, key: ClaimKey, *, now: datetime) -> StoredResult | None:
    """What was done under the key. None if nothing was yet, or more of it is being done.

    The row is locked: what is left of a batch is for one of those who send it again.
    """
    found = await _FINDING.all(session, **_of(key), forgotten=now - KEEP)
    return (
        StoredResult(request_hash=found[0].request_hash, result=found[0].result) if found else None
    )


async def store(session: AnyConnection, key: ClaimKey, result: Stored) -> None:
    """Write down what came of it, where that was not known when the key was claimed."""
    await _KEEPING.all(session, **_of(key), new_result=result)


async def release(session: AnyConnection, key: ClaimKey) -> None:
    """Nothing came of it: the key is free again."""
    await _LETTING_GO.all(session, **_of(key))


def _of(key: ClaimKey) -> dict[str, object]:
    return {f"for_{name}": getattr(key, name) for name in _NAMED}


_NAMED: Final = ("merchant_id", "actor", "key")
_IS: Final = tuple(_TABLE[name] == sa.bindparam(f"for_{name}") for name in _NAMED)
_CLAIMING: Final = {dialect: _claiming(dialect) for dialect in _INSERT}
_FINDING: Final = Prepared(
    sa.select(_TABLE.request_hash, _TABLE.result)
    .where(*_IS, _TABLE.created_at > sa.bindparam("forgotten"))
    .with_for_update(skip_locked=True)
)
_KEEPING: Final = Prepared(
    sa.update(idempotency_keys)
    .where(*_IS)
    .values(result=sa.bindparam("new_result", type_=_TABLE.result.type))
    .returning(_TABLE.created_at)
)
_LETTING_GO: Final = Prepared(sa.delete(idempotency_keys).where(*_IS).returning(_TABLE.created_at))


async def forget(connection: AsyncConnection, *, now: datetime, most: int) -> int:
    """Delete keys that are too old to stand for anything, the oldest first; answers how many.

    Each by its primary key: given them as a set, both databases may read the whole table.
    """
    found = await connection.execute(
        sa.select(*_PRIMARY)
        .where(_TABLE.created_at <= now - KEEP)
        .order_by(_TABLE.created_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    old = [{f"old_{name}": value for name, value in row.items()} for row in found.mappings()]
    if old:
        named = [column == sa.bindparam(f"old_{column.name}") for column in _PRIMARY]
        await connection.execute(sa.delete(idempotency_keys).where(*named), old)
    return len(old)
