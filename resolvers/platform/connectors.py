"""The platform's connectors: storefronts that serve a list of merchants, or all of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import secrets
from domain.permissions import Permission
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.staffing import check_platform_scopes
from models.accounts import Connector, connectors
from models.ids import new_id
from models.merchant import merchants
from models.tables import add
from resolvers.context import Context
from resolvers.settings.connectors import expiry

MAX_MERCHANTS: Final = 1000


async def create_platform_connector(
    context: Context,
    name: str,
    scopes: Sequence[Permission],
    merchant_ids: Sequence[int] | None,
    expires_at: datetime | None,
) -> tuple[int, str]:
    """The connector's id, and its token, which is never shown again. Raises Refused or BadInput."""
    viewer, expires_at = context.viewer, expiry(context, expires_at)
    check_platform_scopes(scopes, held=viewer.permissions, path=("scopes",))
    id_, secret = new_id(), secrets.new_secret()
    async with context.write() as connection:
        connector = Connector(
            id=id_,
            name=name,
            secret_hash=secrets.hashed(secret),
            scopes=sorted(set(scopes)),
            merchant_ids=await _existing(connection, merchant_ids),
            created_by=viewer.name,
            created_at=context.now,
            expires_at=expires_at,
        )
        await add(connection, connector)
    return id_, secrets.token_of(secrets.CONNECTOR, id_, secret)


async def set_platform_connector_merchants(
    context: Context, id_: int, merchant_ids: Sequence[int] | None
) -> int:
    """Replace the merchants that the connector serves; None: all merchants. Raises Refused.

    Whoever gives a connector more merchants needs what its scopes require.
    """
    async with context.write() as connection:
        rows = await connection.execute(
            sa.select(connectors.c.scopes)
            .where(
                connectors.c.id == id_,
                connectors.c.merchant_id.is_(None),
                connectors.c.disabled_at.is_(None),
            )
            .with_for_update()
        )
        stored: list[str] | None = rows.scalar_one_or_none()
        if stored is None:
            raise Refused(NotFound(kind="Connector", path=("id",)))
        scopes = [Permission(value) for value in stored]
        check_platform_scopes(scopes, held=context.viewer.permissions, path=("id",))
        await _update(connection, id_, {"merchant_ids": await _existing(connection, merchant_ids)})
    context.services.authenticator.forget()
    return id_


async def disable_platform_connector(context: Context, id_: int) -> int:
    """Revoke the connector's token and the tokens of its customers. Raises Refused."""
    at = sa.func.coalesce(connectors.c.disabled_at, context.now)
    async with context.write() as connection:
        await _update(connection, id_, {"disabled_at": at})
    context.services.authenticator.forget()
    return id_


async def _update(connection: AsyncConnection, id_: int, values: Mapping[str, Any]) -> None:
    """Set columns of a connector of the platform. Raises Refused. Any: values of columns."""
    updated = await connection.execute(
        sa.update(connectors)
        .where(connectors.c.id == id_, connectors.c.merchant_id.is_(None))
        .values(values)
    )
    if updated.rowcount != 1:
        raise Refused(NotFound(kind="Connector", path=("id",)))


async def _existing(
    connection: AsyncConnection, merchant_ids: Sequence[int] | None
) -> list[int] | None:
    """The ids without repetitions, in ascending order. Raises Refused for an unknown merchant."""
    if merchant_ids is None:
        return None
    rows = await connection.execute(
        sa.select(merchants.c.id).where(merchants.c.id.in_(merchant_ids))
    )
    known = set(rows.scalars())
    for index, id_ in enumerate(merchant_ids):
        if id_ not in known:
            raise Refused(NotFound(kind="Merchant", path=("merchantIds", str(index))))
    return sorted(known)
