"""Checks by the commit mark that an SQLite database has all commits that a server marked."""

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncConnection

from database.commit_mark import Mark, MarkFile, find_loss
from doctor.faults import Fault
from doctor.finding import Finding


async def mark_of(connection: AsyncConnection) -> Mark:
    numbers = [
        (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
        for name in ("application_id", "user_version")
    ]
    return Mark(*numbers)


async def examine(connection: AsyncConnection, file: MarkFile | None) -> AsyncIterator[Finding]:
    """Yield one finding if commits are missing, or may be.

    ``file`` was read before the transaction began: the mark in the database is never behind it.
    """
    loss = find_loss(await mark_of(connection), file)
    if loss is not None:
        yield Finding(fault=Fault.COMMITS_LOST, detail=loss.line())
