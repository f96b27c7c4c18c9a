"""The picture store: a folder or bucket that holds each picture under its hash."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore

from auth.keys import Keys
from auth.signed_addresses import is_signed, signed_query
from domain.desk.evidence import FORMATS, MAX_PIXELS, PICTURE_BYTES_LIMIT, Picture
from domain.refusals.pictures import NotAPicture, PictureTooLarge
from domain.refusals.refusal import Refused
from resolvers.decoding.decoders import Decoders, TooLarge
from resolvers.decoding.headers import BadPicture, TooManyPixels
from resolvers.export_files import FOLDER as EXPORTS
from resolvers.store_availability import StoreAvailability

READ_TIMEOUT: Final = timedelta(seconds=5)
WRITE_TIMEOUT: Final = timedelta(seconds=10)
URL_WINDOW: Final = timedelta(minutes=15)
FOLDER_LETTERS: Final = 2
"""How many letters of a picture's hash name its folder."""
_URL_STEP_S: Final = 300
_SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_PURPOSE: Final = "picture"


@dataclass(frozen=True, slots=True)
class File:
    """A file in the store."""

    bytes: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Pictures:
    """Stores pictures and signs URLs for them that expire."""

    store: ObjectStore
    keys: Keys
    public_url: str = ""
    decoders: Decoders = field(default_factory=Decoders)
    reads: StoreAvailability = field(
        default_factory=lambda: StoreAvailability("reading", READ_TIMEOUT)
    )
    writes: StoreAvailability = field(
        default_factory=lambda: StoreAvailability("writing", WRITE_TIMEOUT)
    )

    async def put(self, merchant_id: int, data: bytes, uploader: object = None) -> Picture:
        """Check, clean and store a picture. The decoders limit how many one ``uploader`` decodes.

        Raises Refused (too large, or not a picture), Overloaded if too many are being decoded, and
        StoreUnreachable.
        """
        if len(data) >= PICTURE_BYTES_LIMIT:
            raise Refused(_too_large(len(data)))
        try:
            clean = await self.decoders.clean(data, uploader)
        except TooManyPixels as error:
            raise Refused(_too_large(len(data), pixels=error.pixels)) from error
        except TooLarge as error:
            raise Refused(_too_large(error.bytes)) from error
        except BadPicture as error:
            raise Refused(NotAPicture(accepted=tuple(FORMATS), path=("file",))) from error
        picture = clean.picture
        path = _path(merchant_id, picture.sha256)
        with suppress(AlreadyExistsError):  # the same hash, and so the same bytes
            await self.writes.run(_put(self.store, path, clean.data))
        return picture

    async def close(self) -> None:
        """End the decoder processes."""
        await self.decoders.close()

    async def fetch(self, merchant_id: int, sha256: str) -> bytes | None:
        """A picture's bytes, or None. Raises StoreUnreachable or Overloaded."""
        try:
            return await self.reads.run(_get(self.store, _path(merchant_id, sha256)))
        except FileNotFoundError:
            return None

    async def delete(self, merchant_id: int, sha256: str) -> None:
        """Delete a picture that may exist. Raises StoreUnreachable or Overloaded."""
        await self.writes.run(_delete(self.store, _path(merchant_id, sha256)))

    @property
    def is_away(self) -> bool:
        """Whether the last read or the last write failed."""
        return self.reads.is_away or self.writes.is_away

    async def folders(self, merchant_id: int | None = None) -> set[str]:
        """The folders of all merchants, or those of one merchant, named for its pictures' hashes.

        Raises StoreUnreachable.
        """
        # In a thread, here and below: the library's own coroutines can abort a process that ends
        # soon after, and `aftersales doctor` would lose its exit status.
        prefix = None if merchant_id is None else str(merchant_id)
        with self.reads.watch():
            listing = await asyncio.to_thread(obstore.list_with_delimiter, self.store, prefix)
        folders = {path.rpartition("/")[2] for path in listing["common_prefixes"]}
        return folders if merchant_id is not None else folders - {EXPORTS}

    async def files(self, merchant: str, folder: str) -> dict[str, File]:
        """The files in a merchant's folder by name: the hash, if the file is a picture of ours.

        ``merchant`` is one of ``folders``. Raises StoreUnreachable.
        """
        with self.reads.watch():
            return await asyncio.to_thread(_list_files, self.store, f"{merchant}/{folder}")

    def url(self, merchant_id: int, picture: Picture) -> str:
        """A signed URL, valid for 15 to 20 minutes. It stays the same for 5, to be cached."""
        valid_until = datetime.now(UTC) + URL_WINDOW
        expires = (int(valid_until.timestamp()) // _URL_STEP_S + 1) * _URL_STEP_S
        name = f"{merchant_id}/{picture.sha256}.{_SUFFIXES[picture.media_type]}"
        query = signed_query(self.keys, _PURPOSE, name, expires=expires)
        return f"{self.public_url}/evidence/{name}?{query}"

    def is_valid(self, name: str, *, expires: str, signature: str) -> bool:
        """Whether the URL was signed with our key and has not expired."""
        now = datetime.now(UTC)
        return is_signed(self.keys, _PURPOSE, name, expires=expires, signature=signature, now=now)


def _too_large(size: int, pixels: int | None = None) -> PictureTooLarge:
    return PictureTooLarge(
        bytes=size,
        limit=PICTURE_BYTES_LIMIT,
        pixels=pixels,
        pixel_limit=MAX_PIXELS,
        path=("file",),
    )


def media_type(suffix: str) -> str | None:
    return next((media_type for media_type, other in _SUFFIXES.items() if other == suffix), None)


def _path(merchant_id: int, sha256: str) -> str:
    return f"{merchant_id}/{folder_of(sha256)}/{sha256}"


async def _put(store: ObjectStore, path: str, data: bytes) -> None:
    await obstore.put_async(store, path, data, mode="create")


async def _delete(store: ObjectStore, path: str) -> None:
    with suppress(FileNotFoundError):
        await obstore.delete_async(store, path)


async def _get(store: ObjectStore, path: str) -> bytes:
    response = await obstore.get_async(store, path)
    return bytes(await response.bytes_async())


def _list_files(store: ObjectStore, prefix: str) -> dict[str, File]:
    return {
        item["path"].removeprefix(f"{prefix}/"): File(item["size"], item["last_modified"])
        for chunk in obstore.list(store, prefix)
        for item in chunk
    }


def folder_of(sha256: str) -> str:
    """The folder of a picture within its merchant's folder."""
    return sha256[:FOLDER_LETTERS]
