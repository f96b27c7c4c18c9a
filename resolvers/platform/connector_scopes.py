"""Granting a connector the scopes that only the platform can give."""

from collections.abc import Sequence

import sqlalchemy as sa

from domain.permissions import Permission
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.scopes import SCOPES, ScopeGiver
from domain.staffing import check_scopes
from models.accounts import connectors
from resolvers.context import Context


async def grant_connector_scopes(context: Context, id_: int, scopes: Sequence[Permission]) -> int:
    """Replace the connector's platform scopes by these. Raises Refused."""
    check_scopes(scopes, giver=ScopeGiver.PLATFORM, held=frozenset(), path=("scopes",))
    async with context.write() as connection:
        rows = await connection.execute(
            sa.select(connectors.c.scopes)
            .where(connectors.c.id == id_, connectors.c.disabled_at.is_(None))
            .with_for_update()
        )
        stored: list[str] | None = rows.scalar_one_or_none()
        if stored is None:
            raise Refused(NotFound(kind="Connector", path=("id",)))
        kept = [scope for scope in stored if SCOPES[Permission(scope)].giver is ScopeGiver.MERCHANT]
        await connection.execute(
            sa.update(connectors)
            .where(connectors.c.id == id_)
            .values(scopes=sorted({*kept, *scopes}))
        )
    context.services.authenticator.forget()
    return id_
