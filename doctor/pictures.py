"""Pictures: what is uploaded, what lies in the store, and whether the two agree."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.finding import Finding
from domain.faults import Fault
from models.evidence import evidence
from models.merchant import merchants
from resolvers.pictures import FOLDER_LETTERS, Pictures

UNFINISHED: Final = timedelta(hours=1)
"""A file may be so old and still be about to get its row, which is written after it."""


async def examine(
    connection: AsyncConnection, store: Pictures, merchant_id: int, began_at: datetime
) -> AsyncIterator[Finding]:
    """Compare rows and files, a folder at a time.

    ``began_at`` is when the database was looked at, on the clock on the wall. The store is looked
    at later: whatever has a row had its file before.
    """
    folder = sa.func.substr(evidence.c.sha256, 1, FOLDER_LETTERS)
    mine = evidence.c.merchant_id == merchant_id
    named = (await connection.execute(sa.select(folder).where(mine).distinct())).scalars()
    for name in sorted({*named, *await store.folders(merchant_id)}):
        rows = await connection.execute(
            sa.select(evidence.c.sha256, evidence.c.bytes).where(
                mine, evidence.c.sha256.startswith(name, autoescape=True)
            )
        )
        known = {row.sha256: row.bytes for row in rows}
        files = await store.files(str(merchant_id), name)
        for sha256 in sorted(known.keys() | files.keys()):
            fault, said = None, ""
            if sha256 not in files:
                fault = Fault.PICTURE_LOST
            elif sha256 not in known:
                if files[sha256].written_at < began_at - UNFINISHED:
                    fault = Fault.PICTURE_ORPHANED
            elif files[sha256].bytes != known[sha256]:
                fault = Fault.PICTURE_DIFFERS
                said = f", {files[sha256].bytes} bytes instead of {known[sha256]}"
            if fault is not None:
                yield Finding(fault=fault, merchant_id=merchant_id, said=sha256 + said)


async def examine_strangers(connection: AsyncConnection, store: Pictures) -> AsyncIterator[Finding]:
    """Folders that are named for no merchant."""
    for name in sorted(await store.folders()):
        known = (
            name.isascii()
            and name.isdigit()
            and await connection.scalar(
                sa.select(merchants.c.id).where(merchants.c.id == int(name))
            )
        )
        if known is False or known is None:
            yield Finding(fault=Fault.PICTURE_ORPHANED, said=f"the folder {name} is no merchant's")


async def unknown(connection: AsyncConnection, merchant_id: int, hashes: set[str]) -> set[str]:
    """Which of the pictures that orders show were never uploaded."""
    if not hashes:
        return set()
    found = await connection.execute(
        sa.select(evidence.c.sha256).where(
            evidence.c.merchant_id == merchant_id, evidence.c.sha256.in_(hashes)
        )
    )
    return hashes - set(found.scalars())
