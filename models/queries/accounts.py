"""Finding accounts, sessions and connectors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.compiled import Row
from database.prepared import AnyConnection, BatchablePrepared
from models.accounts import accounts, connectors, sign_ins
from models.merchant import merchants
from models.staff import employees, roles, with_roles

_SIGNED_IN = (
    sign_ins.join(accounts, accounts.c.id == sign_ins.c.account_id)
    .outerjoin(merchants, merchants.c.id == accounts.c.merchant_id)
    .outerjoin(
        employees,
        (employees.c.merchant_id == accounts.c.merchant_id) & (employees.c.id == accounts.c.id),
    )
)


_ACCOUNT = (
    accounts.c.id,
    accounts.c.kind,
    accounts.c.name,
    accounts.c.merchant_id,
    accounts.c.permissions,
    merchants.c.time_zone,
    employees.c.extra_permissions,
    employees.c.refund_ceiling,
    roles.c.name.label("role"),
    roles.c.permissions.label("role_permissions"),
    roles.c.refund_ceiling.label("role_refund_ceiling"),
)
_SESSION = BatchablePrepared(
    sa.select(*_ACCOUNT)
    .select_from(with_roles(_SIGNED_IN))
    .where(
        sign_ins.c.id == sa.bindparam("session_id"),
        sign_ins.c.ended_at.is_(None),
        accounts.c.disabled_at.is_(None),
    )
)


async def signed_in(session: AnyConnection, session_id: int) -> Sequence[Row]:
    """The account of a session: one row for each of its roles, at least one.

    Empty if the session has ended or the account is disabled. The rows are the driver's, which the
    caller can compare cheaply with earlier ones; ``read`` converts them.
    """
    return await _SESSION.raw(session, session_id=session_id)


def read(rows: Sequence[Row], dialect: sa.Dialect) -> Sequence[Any]:
    """Convert the rows of ``signed_in``. Any: rows of the columns above."""
    return _SESSION.read(rows, dialect)


_STAFF = accounts.join(
    employees,
    (employees.c.merchant_id == accounts.c.merchant_id) & (employees.c.id == accounts.c.id),
).join(merchants, merchants.c.id == accounts.c.merchant_id)


async def staff(
    connection: AsyncConnection, merchant_id: int, account_id: int
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The account of a merchant's employee: one row for each of its roles, at least one.

    Empty if the account is disabled. The columns are those of ``signed_in``.
    """
    statement = (
        sa.select(*_ACCOUNT)
        .select_from(with_roles(_STAFF))
        .where(
            accounts.c.id == account_id,
            accounts.c.disabled_at.is_(None),
            employees.c.merchant_id == merchant_id,
        )
    )
    return (await connection.execute(statement)).all()


_OWNED = (
    connectors.outerjoin(
        accounts,
        (accounts.c.id == connectors.c.owner_id)
        & (accounts.c.merchant_id == connectors.c.merchant_id)
        & accounts.c.disabled_at.is_(None),
    )
    .outerjoin(
        employees,
        (employees.c.merchant_id == accounts.c.merchant_id) & (employees.c.id == accounts.c.id),
    )
    .outerjoin(
        merchants,
        merchants.c.id
        == sa.func.coalesce(
            sa.bindparam("for_merchant", type_=merchants.c.id.type), connectors.c.merchant_id
        ),
    )
)


_CONNECTOR: Final = BatchablePrepared(
    sa.select(
        connectors.c.id,
        connectors.c.merchant_id,
        connectors.c.name,
        connectors.c.secret_hash,
        connectors.c.scopes,
        connectors.c.merchant_ids,
        connectors.c.last_used_at,
        merchants.c.time_zone,
        accounts.c.kind,
        accounts.c.permissions,
        employees.c.extra_permissions,
        roles.c.name.label("role"),
        roles.c.permissions.label("role_permissions"),
    )
    .select_from(with_roles(_OWNED))
    .where(
        connectors.c.id == sa.bindparam("connector_id"),
        connectors.c.disabled_at.is_(None),
        sa.or_(
            connectors.c.expires_at.is_(None),
            connectors.c.expires_at > sa.bindparam("now", type_=connectors.c.expires_at.type),
        ),
    )
)


async def connector(
    session: AnyConnection,
    connector_id: int,
    now: datetime,
    *,
    for_merchant: int | None = None,
) -> Sequence[Any]:
    """A connector and its owner's account: one row for each role of the owner, at least one.

    Empty if it is disabled or has expired. If the owner's account is disabled, ``kind`` is None.
    ``time_zone`` is that of the given merchant, or of its own. Any: rows of the columns above.
    """
    return await _CONNECTOR.all(
        session, connector_id=connector_id, now=now, for_merchant=for_merchant
    )


async def end_sessions(
    connection: AsyncConnection, account_id: int, at: datetime, *, but: int | None = None
) -> int:
    """End the account's sessions that have not ended, ``but`` this one. Returns how many ended.

    Sessions that nobody refreshed in time do not count.
    """
    others = () if but is None else (sign_ins.c.id != but,)
    ended = await connection.execute(
        sa.update(sign_ins)
        .where(sign_ins.c.account_id == account_id, sign_ins.c.ended_at.is_(None), *others)
        .values(ended_at=at)
        .returning(sign_ins.c.expires_at)
    )
    return sum(expires_at > at for expires_at in ended.scalars())


async def record_uses(connection: AsyncConnection, uses: Mapping[int, datetime]) -> None:
    """Record when connectors were last used."""
    update = (
        sa.update(connectors)
        .where(connectors.c.id == sa.bindparam("connector"))
        .values(last_used_at=sa.bindparam("used_at"))
    )
    rows = [{"connector": id_, "used_at": uses[id_]} for id_ in sorted(uses)]
    await connection.execute(update, rows)
