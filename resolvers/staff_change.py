"""The transaction in which a merchant's staff, roles or connectors are changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from resolvers.context import Context


@asynccontextmanager
async def staff_change(context: Context) -> AsyncIterator[AsyncConnection]:
    """One at a time for each merchant. New permissions hold at once in this process."""
    async with context.write() as connection:
        await lock(connection, "staff", context.merchant_id)
        yield connection
    context.services.authenticator.forget()
