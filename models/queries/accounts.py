"""Finding accounts, sessions and connectors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock, lock_shared
from database.compiled import Row
from database.distribution import is_distributed
from database.prepared import AnyConnection, BatchablePrepared, Prepared
from models.accounts import accounts, connectors, sign_ins
from models.merchant import merchants
from models.staff import employees, roles, with_roles

_SESSIONS: Final = "sessions"
"""The advisory lock of an account's sessions, with its id."""
ACCOUNT: Final = (
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
"""The columns of ``signed_in``."""


def _session(merchant_id: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The query of ``signed_in``; accounts have the merchant, and so have their employees."""
    joined = (
        sign_ins.join(accounts, accounts.c.id == sign_ins.c.account_id)
        .outerjoin(merchants, merchants.c.id == merchant_id)
        .outerjoin(
            employees,
            (employees.c.merchant_id == merchant_id) & (employees.c.id == accounts.c.id),
        )
    )
    return (
        sa.select(*ACCOUNT)
        .select_from(with_roles(joined))
        .where(
            sign_ins.c.id == sa.bindparam("session_id"),
            sign_ins.c.ended_at.is_(None),
            accounts.c.disabled_at.is_(None),
            *(
                ()
                if merchant_id is accounts.c.merchant_id
                else (accounts.c.merchant_id == merchant_id,)
            ),
        )
    )


_WHO: Final = Prepared(
    sa.select(*ACCOUNT[:5])
    .select_from(sign_ins.join(accounts, accounts.c.id == sign_ins.c.account_id))
    .where(
        sign_ins.c.id == sa.bindparam("session_id"),
        sign_ins.c.ended_at.is_(None),
        accounts.c.disabled_at.is_(None),
    )
)
_MERCHANT: Final = sa.bindparam("merchant", type_=merchants.c.id.type)
_EMPLOYEE: Final = (
    sa.select(*ACCOUNT[5:])
    .select_from(
        with_roles(
            merchants.outerjoin(
                employees,
                (employees.c.merchant_id == merchants.c.id)
                & (employees.c.id == sa.bindparam("id", type_=employees.c.id.type)),
            )
        )
    )
    .where(merchants.c.id == _MERCHANT)
)
_AT_MERCHANT: Final = Prepared(_EMPLOYEE)
_SESSION: Final = BatchablePrepared(_session(accounts.c.merchant_id))
_SESSION_AT_MERCHANT: Final = BatchablePrepared(
    _session(sa.bindparam("merchant", type_=accounts.c.merchant_id.type))
)


def session_at_merchant(
    merchant_id: sa.ColumnElement[Any], wanted: sa.FromClause
) -> sa.Select[Any]:
    """The query of ``signed_in`` for an account of the merchant, with the columns of ``wanted``.

    These are null if ``wanted`` has no row.
    """
    return _with_columns(_session(merchant_id), wanted)


def employee_at_merchant(wanted: sa.FromClause) -> sa.Select[Any]:
    """The second query of ``signed_in_apart``, with the columns of ``wanted`` in the same way."""
    return _with_columns(_EMPLOYEE, wanted)


def _with_columns(query: sa.Select[Any], wanted: sa.FromClause) -> sa.Select[Any]:
    # They are named by their numbers: both have an ``id``.
    return query.add_columns(
        *[column.label(f"wanted_{index}") for index, column in enumerate(wanted.c)]
    ).select_from(query.get_final_froms()[0].outerjoin(wanted, sa.true()))


async def signed_in(
    session: AnyConnection, session_id: int, merchant_id: int | None
) -> Sequence[Row]:
    """The account of a session: one row for each of its roles, at least one.

    Empty if the session has ended or the account is disabled. Without ``merchant_id`` the account
    says the merchant: of the platform's staff, which have none, and for tokens from before they
    named it. The rows are the driver's, which the caller can compare cheaply with earlier ones;
    ``read`` converts them.
    """
    if is_distributed(session.dialect):
        return await signed_in_apart(session, session_id, merchant_id, _AT_MERCHANT)
    if merchant_id is None:
        return await _SESSION.raw(session, session_id=session_id)
    return await _SESSION_AT_MERCHANT.raw(session, session_id=session_id, merchant=merchant_id)


async def signed_in_apart(
    session: AnyConnection,
    session_id: int,
    of_merchant: int | None,
    at_merchant: Prepared,
    **parameters: object,
) -> Sequence[Row]:
    """The same by two statements: the first asks the coordinator alone, the second one machine.

    The second is ``at_merchant``, whose rows may have more columns than ``signed_in`` has.
    """
    who = await _WHO.raw(session, session_id=session_id)
    if not who:
        return ()
    (account,) = [tuple(row) for row in who]
    id_, _, _, merchant_id, _ = account
    if of_merchant not in (None, merchant_id):
        return ()
    if merchant_id is None:
        return [(*account, *[None] * len(ACCOUNT[5:]))]
    rows = await at_merchant.raw(session, id=id_, merchant=merchant_id, **parameters)
    return [(*account, *row) for row in rows]


def read(rows: Sequence[Row], dialect: sa.Dialect) -> Sequence[Any]:
    """Convert the rows of ``signed_in``. Any: rows of the columns above."""
    return _SESSION.read(rows, dialect)


_STAFF = employees.join(
    accounts,
    (accounts.c.merchant_id == employees.c.merchant_id) & (accounts.c.id == employees.c.id),
).join(merchants, merchants.c.id == employees.c.merchant_id)


async def staff(
    connection: AsyncConnection, merchant_id: int, account_id: int
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The account of a merchant's employee: one row for each of its roles, at least one.

    Empty if the account is disabled. The columns are those of ``signed_in``.
    """
    statement = (
        sa.select(*ACCOUNT)
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


_OF_CONNECTOR: Final = (
    connectors.c.id,
    connectors.c.merchant_id,
    connectors.c.name,
    connectors.c.secret_hash,
    connectors.c.scopes,
    connectors.c.merchant_ids,
    connectors.c.last_used_at,
)
_IS_ALIVE: Final = (
    connectors.c.id == sa.bindparam("connector_id"),
    connectors.c.disabled_at.is_(None),
    sa.or_(
        connectors.c.expires_at.is_(None),
        connectors.c.expires_at > sa.bindparam("now", type_=connectors.c.expires_at.type),
    ),
)
_CONNECTOR: Final = BatchablePrepared(
    sa.select(
        *_OF_CONNECTOR,
        merchants.c.time_zone,
        accounts.c.kind,
        accounts.c.permissions,
        employees.c.extra_permissions,
        roles.c.name.label("role"),
        roles.c.permissions.label("role_permissions"),
    )
    .select_from(with_roles(_OWNED))
    .where(*_IS_ALIVE)
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
    if is_distributed(session.dialect):
        return await _connector_apart(session, connector_id, now, for_merchant)
    return await _CONNECTOR.all(
        session, connector_id=connector_id, now=now, for_merchant=for_merchant
    )


_CONNECTOR_ALONE: Final = Prepared(
    sa.select(
        *_OF_CONNECTOR,
        accounts.c.kind,
        accounts.c.permissions,
        accounts.c.id.label("owner"),
    )
    .select_from(
        connectors.outerjoin(
            accounts,
            (accounts.c.id == connectors.c.owner_id)
            & (accounts.c.merchant_id == connectors.c.merchant_id)
            & accounts.c.disabled_at.is_(None),
        )
    )
    .where(*_IS_ALIVE)
)


async def _connector_apart(
    session: AnyConnection, connector_id: int, now: datetime, for_merchant: int | None
) -> Sequence[Any]:
    """The same by two statements, as ``signed_in_apart``."""
    rows = await _CONNECTOR_ALONE.raw(session, connector_id=connector_id, now=now)
    if not rows:
        return []
    *own, kind, permissions, owner = rows[0]
    merchant_id = own[1] if for_merchant is None else for_merchant
    nobody = (None,) * len(ACCOUNT[5:])
    staff_rows: Sequence[Row] = ()
    if merchant_id is not None:
        staff_rows = await _AT_MERCHANT.raw(session, id=owner or 0, merchant=merchant_id)
    return _CONNECTOR.read(
        [
            (*own, zone, kind, permissions, extra, role, role_permissions)
            for zone, extra, _, role, role_permissions, _ in staff_rows or [nobody]
        ],
        session.dialect,
    )


async def hold(connection: AsyncConnection, account_id: int) -> str | None:
    """The hash of the account's password. Nobody changes it until the transaction ends.

    Where tables are distributed, a lock on the row would be taken on every machine, and two
    transactions would each wait for a machine that the other one holds.
    """
    password = sa.select(accounts.c.password_hash).where(accounts.c.id == account_id)
    if is_distributed(connection.dialect):
        await lock_shared(connection, _SESSIONS, account_id)
    else:
        password = password.with_for_update(read=True)
    return await connection.scalar(password)


async def end_sessions(
    connection: AsyncConnection, account_id: int, at: datetime, *, but: int | None = None
) -> int:
    """End the account's sessions that have not ended, ``but`` this one. Returns how many ended.

    Sessions that nobody refreshed in time do not count. What is changed of the account is changed
    before, in the same transaction: see ``hold``.
    """
    if is_distributed(connection.dialect):
        await lock(connection, _SESSIONS, account_id)
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
