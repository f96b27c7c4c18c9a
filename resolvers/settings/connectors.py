"""A merchant's connectors: machine accounts for its ERP or its own storefront."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import secrets
from domain.permissions import MAIN_ACCOUNT, Permission
from domain.refusals.general import NotFound
from domain.refusals.refusal import BadInput, Refused
from domain.refusals.staff import RecipientNotPermitted
from domain.scopes import SCOPES, ScopeGiver
from domain.staffing import check_scopes, missing_for
from domain.text import Text
from models.accounts import Connector, connectors
from models.ids import new_id
from models.queries import staff
from models.tables import add
from resolvers.context import Context
from resolvers.staff_change import staff_change

DEFAULT_LIFE: Final = timedelta(days=365)
LONGEST_LIFE: Final = timedelta(days=730)


async def create_connector(
    context: Context,
    name: str,
    scopes: Sequence[Permission],
    expires_at: datetime | None = None,
) -> tuple[int, str]:
    """The connector's id, and its token, which is never shown again.

    The token expires by the real time, not the sandbox's. Raises Refused or BadInput.
    """
    viewer, expires_at = context.viewer, expiry(context, expires_at)
    id_, secret = new_id(), secrets.new_secret()
    async with staff_change(context) as connection:
        check_scopes(scopes, giver=ScopeGiver.MERCHANT, held=viewer.permissions, path=("scopes",))
        connector = Connector(
            id=id_,
            merchant_id=context.merchant_id,
            name=name,
            secret_hash=secrets.hashed(secret),
            scopes=sorted(set(scopes)),
            created_by=viewer.name,
            owner_id=viewer.id,
            owner=viewer.name,
            created_at=context.now,
            expires_at=expires_at,
        )
        await add(connection, connector)
    return id_, secrets.token_of(secrets.CONNECTOR, id_, secret)


def expiry(context: Context, wanted: datetime | None) -> datetime:
    """When the token of a new connector expires, by the real time. Raises BadInput."""
    now = context.services.wall.now()
    if wanted is not None and not now < wanted <= now + LONGEST_LIFE:
        message = Text("须在两年之内的将来", "This must be in the future, two years at most.")
        raise BadInput(("expiresAt",), message)
    return wanted or now + DEFAULT_LIFE


async def hand_over_connector(context: Context, id_: int, employee_id: int | None) -> int:
    """Give a connector another owner: the employee, or the viewer if none is named.

    The viewer and the new owner must hold all its scopes. Otherwise someone who lost a permission
    but kept the token could hand the connector to someone who has the permission, and go on using
    it. Raises Refused.
    """
    viewer = context.viewer
    async with staff_change(context) as connection:
        scopes = await _get_merchant_scopes(connection, context.merchant_id, id_)
        check_scopes(scopes, giver=ScopeGiver.MERCHANT, held=viewer.permissions, path=("id",))
        rows = await staff.roles_of(connection, context.merchant_id, employee_id or viewer.id)
        if lacking := missing_for(scopes, _permissions(rows)):
            raise Refused(RecipientNotPermitted(permissions=lacking, path=("employeeId",)))
        await connection.execute(
            sa.update(connectors)
            .where(connectors.c.id == id_)
            .values(owner_id=rows[0].id, owner=rows[0].name)
        )
    return id_


async def disable_connector(context: Context, id_: int) -> int:
    """Revoke the connector's token and the tokens of its customers. Raises Refused."""
    async with staff_change(context) as connection:
        disabled = await connection.execute(
            sa.update(connectors)
            .where(connectors.c.id == id_, connectors.c.merchant_id == context.merchant_id)
            .values(disabled_at=sa.func.coalesce(connectors.c.disabled_at, context.now))
        )
        if disabled.rowcount != 1:
            raise Refused(NotFound(kind="Connector", path=("id",)))
    return id_


async def _get_merchant_scopes(
    connection: AsyncConnection, merchant_id: int, id_: int
) -> list[Permission]:
    """The scopes that the merchant gave, without those that the platform gave. Raises Refused."""
    rows = await connection.execute(
        sa.select(connectors.c.scopes).where(
            connectors.c.id == id_,
            connectors.c.merchant_id == merchant_id,
            connectors.c.disabled_at.is_(None),
        )
    )
    stored: list[str] | None = rows.scalar_one_or_none()
    if stored is None:
        raise Refused(NotFound(kind="Connector", path=("id",)))
    scopes = [Permission(value) for value in stored]
    return [scope for scope in scopes if SCOPES[scope].giver is ScopeGiver.MERCHANT]


def _permissions(rows: Sequence[Any]) -> frozenset[Permission]:
    """The permissions of an employee. Any: one row for each role."""
    if rows[0].is_main:
        return MAIN_ACCOUNT
    stored = [*rows[0].extra_permissions]
    for row in rows:
        stored += row.role_permissions or ()
    return frozenset(Permission(value) for value in stored)
