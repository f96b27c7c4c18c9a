"""Locks on what has no row yet, so that a look and the write that relies on it are one."""

from hashlib import blake2b
from typing import Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared

_NUMBER: Final = sa.bindparam("number", type_=sa.BigInteger)
_HOLD: Final = Prepared(sa.select(sa.func.pg_advisory_xact_lock(_NUMBER)))
_SHARE: Final = Prepared(sa.select(sa.func.pg_advisory_xact_lock_shared(_NUMBER)))


async def lock(session: AnyConnection, *what: object) -> None:
    """Wait until nobody else holds it, and hold it until the transaction ends.

    On SQLite a writing transaction is alone from its beginning, so there is nothing to do. The lock
    is the transaction's and not the session's: a pooler may hand the session to somebody else.
    """
    if session.dialect.name == "postgresql":
        await _HOLD.all(session, number=lock_number(*what))


def try_lock(dialect: str, number: sa.BindParameter[int]) -> sa.ColumnElement[bool]:
    """The same without waiting, as a condition: true where nobody else held it, and now we do.

    The number is ``lock_number``'s.
    """
    if dialect != "postgresql":
        return sa.literal(True, sa.Boolean)  # noqa: FBT003 - SQL's own
    return sa.func.pg_try_advisory_xact_lock(number, type_=sa.Boolean)


async def lock_shared(session: AnyConnection, *what: object) -> None:
    """Like ``hold`` for those who only look: they keep out who holds it, not one another."""
    if session.dialect.name == "postgresql":
        await _SHARE.all(session, number=lock_number(*what))


def lock_number(*what: object) -> int:
    """Two things with one number, once in 2**64, would only wait for each other."""
    said = "\0".join(map(str, what)).encode()
    return int.from_bytes(blake2b(said, digest_size=8).digest(), signed=True)
