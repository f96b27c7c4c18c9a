"""Uploads that go straight to the store: signed addresses to send to, and what arrived there."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import obstore
from obstore.store import S3Store

from auth.signed_addresses import is_signed, signed_query
from auth.viewer import Viewer
from domain.desk.evidence import PICTURE_BYTES_LIMIT
from resolvers.pictures import UPLOADS, Pictures

SEND_WITHIN: Final = timedelta(minutes=15)
"""How long an address takes a picture."""
FINISH_WITHIN: Final = timedelta(hours=1)
"""How long what was sent can be made evidence."""
KEPT: Final = timedelta(hours=2)
"""How long a file is kept. It is not deleted when it has become evidence: if the answer is lost,
the client asks again."""
MAX_DELETED: Final = 1_000
"""Files deleted at a time."""

_ADDRESS: Final = "address of an upload"
_UPLOAD: Final = "upload"
_NAME_BYTES: Final = 16


class UploadKey(NamedTuple):
    """What names an upload and proves whose it is, as text."""

    merchant: str
    name: str
    until: str
    signature: str

    @property
    def file(self) -> str:
        return f"{self.merchant}/{self.name}"


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that can be sent."""

    key: UploadKey
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Uploads:
    """Gives out addresses, and reads what was sent to them. Nothing else remembers an upload."""

    pictures: Pictures
    direct: bool = True
    """Whether clients send to the store itself, where that is S3."""

    async def open(self, viewer: Viewer, merchant_id: int) -> Upload:
        """A new upload of the viewer. Raises StoreUnreachable if its address cannot be signed."""
        pictures, now = self.pictures, datetime.now(UTC).replace(microsecond=0)
        name, expires_at = secrets.token_hex(_NAME_BYTES), now + SEND_WITHIN
        file, until = f"{merchant_id}/{name}", int((now + FINISH_WITHIN).timestamp())
        signature = pictures.keys.sign(_UPLOAD, _message(viewer, file, str(until)))
        if self.direct and isinstance(pictures.store, S3Store):
            signing = obstore.sign_async(pictures.store, "PUT", _path(file), SEND_WITHIN)
            url = await pictures.reads.run(signing)
        else:
            expires = int(expires_at.timestamp())
            query = signed_query(pictures.keys, _ADDRESS, file, expires=expires)
            url = f"{pictures.public_url}/uploads/{file}?{query}"
        key = UploadKey(str(merchant_id), name, str(until), signature)
        return Upload(key, url, expires_at)

    def is_valid(self, file: str, *, expires: str, signature: str) -> bool:
        """Whether an address of our own was signed with our key and has not expired."""
        now, keys = datetime.now(UTC), self.pictures.keys
        return is_signed(keys, _ADDRESS, file, expires=expires, signature=signature, now=now)

    async def put(self, file: str, data: bytes) -> None:
        """Store what was sent to an address of our own. Raises StoreUnreachable or Overloaded."""
        await self.pictures.writes.run(_put(self.pictures.store, _path(file), data))

    def merchant_of(self, viewer: Viewer, key: UploadKey) -> int | None:
        """The merchant of an upload that the viewer has opened; None if it is none, or is over."""
        message = _message(viewer, key.file, key.until)
        if not self.pictures.keys.verify(_UPLOAD, message, key.signature):
            return None
        if datetime.now(UTC).timestamp() >= int(key.until):  # only a number is ever signed
            return None
        return int(key.merchant)

    async def read(self, key: UploadKey) -> tuple[bytes, int] | None:
        """The bytes that were sent and their size, or None. A file too large is not read whole.

        Raises StoreUnreachable or Overloaded.
        """
        try:
            return await self.pictures.reads.run(_read(self.pictures.store, _path(key.file)))
        except FileNotFoundError:
            return None

    async def delete_old(self, now: datetime) -> int:
        """Delete some of the files that nobody can use any more. Returns their number.

        Raises StoreUnreachable.
        """
        store, before = self.pictures.store, now - KEPT
        with self.pictures.writes.watch():
            paths = await asyncio.to_thread(_older, store, before)
            if paths:
                await asyncio.to_thread(obstore.delete, store, paths)
        return len(paths)


def _message(viewer: Viewer, file: str, until: str) -> str:
    return f"{file}?{until}&{viewer.number}"


def _path(file: str) -> str:
    return f"{UPLOADS}/{file}"


async def _put(store: obstore.store.ObjectStore, path: str, data: bytes) -> None:
    await obstore.put_async(store, path, data)


async def _read(store: obstore.store.ObjectStore, path: str) -> tuple[bytes, int]:
    size = (await obstore.head_async(store, path))["size"]
    if not 0 < size < PICTURE_BYTES_LIMIT:
        return b"", size
    # Not the whole file: it may have been replaced by a larger one.
    data = await obstore.get_range_async(store, path, start=0, length=size)
    return bytes(data), size


def _older(store: obstore.store.ObjectStore, before: datetime) -> list[str]:
    paths: list[str] = []
    for chunk in obstore.list(store, UPLOADS):
        paths += [item["path"] for item in chunk if item["last_modified"] < before]
        if len(paths) >= MAX_DELETED:
            break
    return paths[:MAX_DELETED]
