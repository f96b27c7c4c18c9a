"""The machine accounts of a merchant: its ERP, its own storefront."""

from collections.abc import Sequence

import sqlalchemy as sa

from auth import secrets
from domain.permissions import CONNECTOR, Permission
from domain.refusals import NotDelegable, NotFound, Refused
from models.accounts import Connector, connectors
from models.database import add
from models.ids import new_id
from resolvers.context import Context, staff_change


async def create_connector(
    context: Context, name: str, scopes: Sequence[Permission]
) -> tuple[int, str]:
    """The connector's id, and its token, which is never shown again. Raises Refused."""
    if beyond := set(scopes) - CONNECTOR:
        raise Refused(NotDelegable(permissions=tuple(sorted(beyond)), path=("scopes",)))
    id_, secret = new_id(), secrets.new_secret()
    async with context.write() as connection:
        connector = Connector(
            id=id_,
            merchant_id=context.merchant_id,
            name=name,
            secret_hash=secrets.hashed(secret),
            scopes=sorted(set(scopes)),
            created_at=context.now,
        )
        await add(connection, connector)
    return id_, secrets.token_of(secrets.CONNECTOR, id_, secret)


async def disable_connector(context: Context, id_: int) -> int:
    """Its token, and the tokens of the customers it acts for, are refused from now on."""
    async with staff_change(context) as connection:
        disabled = await connection.execute(
            sa.update(connectors)
            .where(connectors.c.id == id_, connectors.c.merchant_id == context.merchant_id)
            .values(disabled_at=sa.func.coalesce(connectors.c.disabled_at, context.now))
        )
        if disabled.rowcount != 1:
            raise Refused(NotFound(kind="Connector", path=("id",)))
    return id_
