"""The store of exports: their files, beside the pictures, and their signed addresses."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import obstore
from obstore.store import ObjectStore

from auth.keys import Keys
from auth.signed_addresses import is_signed, signed_query
from resolvers.store_availability import StoreAvailability

FOLDER: Final = "exports"
"""The folder of the store, beside those of the merchants' pictures."""

READ_TIMEOUT: Final = timedelta(seconds=10)
WRITE_TIMEOUT: Final = timedelta(minutes=10)
PIECE_BYTES: Final = 1024 * 1024
"""The size of the pieces in which files are read. Each is a request of its own to the store, so
that a slow client holds no request open."""

_PURPOSE: Final = "export"
_UPLOADS: Final = 2
"""The parts of a file that are uploaded at a time, each of 5 MiB."""

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ndjson": "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """Stores the files of exports, and signs URLs for them that expire with them."""

    store: ObjectStore
    keys: Keys
    public_url: str = ""
    reads: StoreAvailability = field(
        default_factory=lambda: StoreAvailability("reading exports", READ_TIMEOUT)
    )
    writes: StoreAvailability = field(
        default_factory=lambda: StoreAvailability("writing exports", WRITE_TIMEOUT)
    )

    async def put(self, merchant_id: int, name: str, file: Path) -> None:
        """Store a complete file. Readers see all of it or nothing. Raises StoreUnreachable."""
        await self.writes.run(_put(self.store, _path(merchant_id, name), file))

    async def delete(self, merchant_id: int, names: Iterable[str]) -> None:
        """Delete files that may exist. Raises StoreUnreachable."""
        for name in names:
            await self.writes.run(_delete(self.store, _path(merchant_id, name)))

    async def size(self, merchant_id: int, name: str) -> int | None:
        """The size of a file in bytes, None if there is none. Raises StoreUnreachable."""
        try:
            return await self.reads.run(_size(self.store, _path(merchant_id, name)))
        except FileNotFoundError:
            return None

    async def pieces(self, merchant_id: int, name: str, size: int) -> AsyncIterator[bytes]:
        """The content of a file. Raises StoreUnreachable."""
        path = _path(merchant_id, name)
        for start in range(0, size, PIECE_BYTES):
            length = min(PIECE_BYTES, size - start)
            yield await self.reads.run(_piece(self.store, path, start, length))

    def url(self, merchant_id: int, name: str, expires_at: datetime) -> str:
        """A signed URL, valid as long as the file is kept."""
        path = f"{merchant_id}/{name}"
        query = signed_query(self.keys, _PURPOSE, path, expires=int(expires_at.timestamp()))
        return f"{self.public_url}/exports/{path}?{query}"

    def is_valid(
        self, merchant: str, name: str, *, expires: str, signature: str, now: datetime
    ) -> bool:
        """Whether the URL was signed with our key and has not expired."""
        path = f"{merchant}/{name}"
        return is_signed(self.keys, _PURPOSE, path, expires=expires, signature=signature, now=now)


def _path(merchant_id: int, name: str) -> str:
    return f"{FOLDER}/{merchant_id}/{name}"


async def _put(store: ObjectStore, path: str, file: Path) -> None:
    await obstore.put_async(store, path, file, max_concurrency=_UPLOADS)


async def _delete(store: ObjectStore, path: str) -> None:
    try:
        await obstore.delete_async(store, path)
    except FileNotFoundError:
        return


async def _size(store: ObjectStore, path: str) -> int:
    return (await obstore.head_async(store, path))["size"]


async def _piece(store: ObjectStore, path: str, start: int, length: int) -> bytes:
    data = await obstore.get_range_async(store, path, start=start, length=length)
    return bytes(data)
