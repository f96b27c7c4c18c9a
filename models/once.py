"""Doing something once for each idempotency key: claim the key, or find what was done under it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models.columns import Stored
from models.hold import if_free
from models.idempotency import KEEP, idempotency_keys

_TABLE: Final = idempotency_keys.c
_PRIMARY: Final = (_TABLE.merchant_id, _TABLE.actor, _TABLE.key)
_INSERT: Final[Mapping[str, Callable[[sa.Table], postgresql.Insert | sqlite.Insert]]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Whose key it is, and the key. One that somebody else uses too is another one."""

    merchant_id: int
    actor: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A request that was carried out under a key, and what came of it."""

    request_hash: str
    result: Stored | None


async def claim(
    connection: AsyncConnection,
    key: Key,
    request_hash: str,
    result: Stored | None,
    *,
    now: datetime,
) -> bool:
    """Take the key for this transaction. False if it is taken: by a request that runs, or ran.

    One statement for the lock, the look and the row. A lock and then a look would be two; a look in
    the statement of the lock would not see who let go of it a moment ago, but an insert does.
    """
    values = {
        "merchant_id": key.merchant_id,
        "actor": key.actor,
        "key": key.key,
        "request_hash": request_hash,
        "result": result,
        "created_at": now,
    }
    dialect = connection.dialect.name
    insert = _INSERT[dialect](idempotency_keys).from_select(
        list(values),
        sa.select(*[sa.literal(value, _TABLE[name].type) for name, value in values.items()]).where(
            if_free(dialect, "idempotency", key.merchant_id, key.actor, key.key)
        ),
    )
    claimed = insert.on_conflict_do_update(
        index_elements=_PRIMARY,
        set_={name: insert.excluded[name] for name in ("request_hash", "result", "created_at")},
        where=_TABLE.created_at <= now - KEEP,
    ).returning(_TABLE.created_at)
    return (await connection.execute(claimed)).one_or_none() is not None


async def find(connection: AsyncConnection, key: Key, *, now: datetime) -> Done | None:
    """What was done under the key. None if nothing was yet, or more of it is being done.

    The row is locked: what is left of a batch is for one of those who send it again.
    """
    row = (
        await connection.execute(
            sa.select(_TABLE.request_hash, _TABLE.result)
            .where(*_is(key), _TABLE.created_at > now - KEEP)
            .with_for_update(skip_locked=True)
        )
    ).one_or_none()
    return row and Done(request_hash=row.request_hash, result=row.result)


async def keep(connection: AsyncConnection, key: Key, result: Stored) -> None:
    """Write down what came of it, where that was not known when the key was claimed."""
    await connection.execute(sa.update(idempotency_keys).where(*_is(key)).values(result=result))


async def let_go(connection: AsyncConnection, key: Key) -> None:
    """Nothing came of it: the key is free again."""
    await connection.execute(sa.delete(idempotency_keys).where(*_is(key)))


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


def _is(key: Key) -> tuple[sa.ColumnElement[Any], ...]:
    return (
        _TABLE.merchant_id == key.merchant_id,
        _TABLE.actor == key.actor,
        _TABLE.key == key.key,
    )
