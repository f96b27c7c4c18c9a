"""Checks that the rows of pictures and the files in the store agree."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from models.evidence import evidence, picture_erasures
from models.merchant import merchants
from resolvers.pictures import FOLDER_LETTERS, Pictures, picture_of

UNFINISHED: Final = timedelta(hours=1)
"""The age up to which a file may lack its row, which is written after it."""


async def examine(
    connection: AsyncConnection, store: Pictures, merchant_id: int, began_at: datetime
) -> AsyncIterator[Finding]:
    """Compare rows and files, one folder at a time.

    ``began_at`` is the wall-clock time of the database's snapshot. The store is read later, and a
    file is written before its row: so every row must have its file.
    """
    folder = sa.func.substr(evidence.c.sha256, 1, FOLDER_LETTERS)
    of_merchant = evidence.c.merchant_id == merchant_id
    folders = (await connection.execute(sa.select(folder).where(of_merchant).distinct())).scalars()
    for name in sorted({*folders, *await store.folders(merchant_id)}):
        rows = await connection.execute(
            sa.select(evidence.c.sha256, evidence.c.bytes, picture_erasures.c.queued_at)
            .outerjoin(
                picture_erasures,
                (picture_erasures.c.merchant_id == evidence.c.merchant_id)
                & (picture_erasures.c.sha256 == evidence.c.sha256),
            )
            .where(of_merchant, evidence.c.sha256.startswith(name, autoescape=True))
        )
        sizes, queued = dict[str, int](), set[str]()
        for row in rows:
            if row.queued_at is None:
                sizes[row.sha256] = row.bytes
            else:  # it waits for its erasure, and may have lost its file already
                queued.add(row.sha256)
        files = await store.files(str(merchant_id), name)
        for sha256 in sorted((sizes.keys() | files.keys()) - queued):
            fault, detail = None, ""
            if sha256 not in files:
                fault = Fault.PICTURE_LOST
            elif sha256 not in sizes:
                is_thumbnail = picture_of(sha256) in sizes
                if not is_thumbnail and files[sha256].written_at < began_at - UNFINISHED:
                    fault = Fault.PICTURE_ORPHANED
            elif files[sha256].bytes != sizes[sha256]:
                fault = Fault.PICTURE_DIFFERS
                detail = f", {files[sha256].bytes} bytes instead of {sizes[sha256]}"
            if fault is not None:
                yield Finding(fault=fault, merchant_id=merchant_id, detail=sha256 + detail)


async def examine_strangers(connection: AsyncConnection, store: Pictures) -> AsyncIterator[Finding]:
    """Yield the folders that belong to no merchant."""
    for name in sorted(await store.folders()):
        merchant_id = (
            name.isascii()
            and name.isdigit()
            and await connection.scalar(
                sa.select(merchants.c.id).where(merchants.c.id == int(name))
            )
        )
        if merchant_id is False or merchant_id is None:
            yield Finding(
                fault=Fault.PICTURE_ORPHANED, detail=f"the folder {name} is no merchant's"
            )


async def unknown(connection: AsyncConnection, merchant_id: int, hashes: set[str]) -> set[str]:
    """The pictures that orders refer to and that were never uploaded."""
    if not hashes:
        return set()
    result = await connection.execute(
        sa.select(evidence.c.sha256).where(
            evidence.c.merchant_id == merchant_id, evidence.c.sha256.in_(hashes)
        )
    )
    return hashes - set(result.scalars())
