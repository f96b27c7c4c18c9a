"""The transaction in which a merchant's staff, roles or connectors are changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from resolvers.context import Context


@asynccontextmanager
async def staff_change(context: Context) -> AsyncIterator[AsyncConnection]:
    """A write transaction, one at a time per merchant; then cached viewers are forgotten.

    So new permissions take effect at once in this process, and within seconds in the others.
    """
    async with context.write() as connection:
        await lock(connection, "staff", context.merchant_id)
        yield connection
    context.services.authenticator.forget()
