"""The migration of plans: who could do everything may also manage plans."""

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from alembic import command

from database.database import Database
from domain.permissions import PLATFORM, Permission
from models import alembic_commands
from models.accounts import accounts
from tests.given import World

pytestmark = pytest.mark.anyio


async def test_who_could_do_everything_can_manage_plans_and_grant_it(
    database: Database, given: World
) -> None:
    """Nobody can grant what nobody holds."""
    everything = await given.platform()
    some = await given.platform(Permission.MERCHANT_READ, Permission.PLATFORM_ACCOUNT_MANAGE)

    async def migrate(to: Callable[..., None], revision: str) -> None:
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, partial(to, revision=revision))

    async def held() -> list[set[str]]:
        async with database.read() as connection:
            query = sa.select(accounts.c.permissions).where(
                accounts.c.id.in_([everything.id, some.id])
            )
            return [set(row) for row in await connection.scalars(query.order_by(accounts.c.id))]

    others = {Permission.MERCHANT_READ, Permission.PLATFORM_ACCOUNT_MANAGE}
    await migrate(command.downgrade, "0020")
    assert await held() == [set(PLATFORM) - {Permission.QUALITY_MANAGE}, others]
    await migrate(command.upgrade, "head")
    assert await held() == [set(PLATFORM), others]
