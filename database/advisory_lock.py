"""Advisory locks, for reads and writes that depend on rows that do not exist yet."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared

_NUMBER: Final = sa.bindparam("number", type_=sa.BigInteger)
_LOCK: Final = Prepared(sa.select(sa.func.pg_advisory_xact_lock(_NUMBER)))
_TRY_LOCK: Final = Prepared(sa.select(sa.func.pg_try_advisory_xact_lock(_NUMBER)))
_LOCK_SHARED: Final = Prepared(sa.select(sa.func.pg_advisory_xact_lock_shared(_NUMBER)))


async def lock(connection: AnyConnection, *name: object) -> None:
    """Take the exclusive lock of that name and hold it until the transaction ends.

    On SQLite this does nothing: a writing transaction holds the write lock from its beginning. The
    lock belongs to the transaction, not to the session, because a pooler may lend the session to
    another client.
    """
    if connection.dialect.name == "postgresql":
        await _LOCK.all(connection, number=lock_number(*name))


async def lock_each(connection: AnyConnection, names: Iterable[tuple[object, ...]]) -> None:
    """Take several exclusive locks. All callers take them in one order, so none waits in a circle.

    Two of these names may have the same number; the transaction then takes that lock once.
    """
    if connection.dialect.name == "postgresql":
        for number in sorted({lock_number(*name) for name in names}):
            await _LOCK.all(connection, number=number)


def try_lock(dialect: str, number: sa.BindParameter[int]) -> sa.ColumnElement[bool]:
    """A condition that takes the lock without waiting: false if another transaction holds it.

    ``number`` comes from ``lock_number``.
    """
    if dialect != "postgresql":
        return sa.literal(True, sa.Boolean)  # noqa: FBT003 - SQL's own
    return sa.func.pg_try_advisory_xact_lock(number, type_=sa.Boolean)


async def try_lock_now(connection: AnyConnection, *name: object) -> bool:
    """Take the exclusive lock without waiting; False if another transaction holds it."""
    if connection.dialect.name != "postgresql":
        return True
    rows = await _TRY_LOCK.raw(connection, number=lock_number(*name))
    return bool(rows[0][0])


async def lock_shared(connection: AnyConnection, *name: object) -> None:
    """Take the lock in shared mode: it conflicts with ``lock``, not with other shared holders."""
    if connection.dialect.name == "postgresql":
        await _LOCK_SHARED.all(connection, number=lock_number(*name))


def lock_number(*name: object) -> int:
    """The 64-bit number of a lock. Two names with the same number only wait for each other."""
    text = "\0".join(map(str, name)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)
