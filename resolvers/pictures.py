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
from domain.desk.evidence import (
    FORMATS,
    MAX_PIXELS,
    PICTURE_BYTES_LIMIT,
    THUMBNAIL_WIDTHS,
    Picture,
    thumbnail_width,
)
from domain.refusals.pictures import NotAPicture, PictureTooLarge
from domain.refusals.refusal import Refused
from resolvers.decoding.decoders import Decoders, TooLarge
from resolvers.decoding.headers import BadPicture, TooManyPixels
from resolvers.export_files import FOLDER as EXPORTS
from resolvers.store_availability import StoreAvailability

READ_TIMEOUT: Final = timedelta(seconds=5)
WRITE_TIMEOUT: Final = timedelta(seconds=10)
URL_WINDOW: Final = timedelta(minutes=15)
UPLOADS: Final = "uploads"
"""The folder of files that were sent past GraphQL and are not evidence yet."""
FOLDER_LETTERS: Final = 2
"""How many letters of a picture's hash name its folder."""
_URL_STEP_S: Final = 3600
THUMBNAIL_SUFFIX: Final = "webp"
_SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_PURPOSE: Final = "picture"
_SHIFT_DIGITS: Final = 6


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

    async def put(
        self, merchant_id: int, data: bytes, uploader: object = None, *, path: str = "file"
    ) -> Picture:
        """Check, clean and store a picture. The decoders limit how many one ``uploader`` decodes.

        ``path`` is the input that a refusal names.

        Raises Refused (too large, or not a picture), Overloaded if too many are being decoded, and
        StoreUnreachable.
        """
        if len(data) >= PICTURE_BYTES_LIMIT:
            raise Refused(too_large(len(data), path=path))
        try:
            clean = await self.decoders.clean(data, uploader)
        except TooManyPixels as error:
            raise Refused(too_large(len(data), pixels=error.pixels, path=path)) from error
        except TooLarge as error:
            raise Refused(too_large(error.bytes, path=path)) from error
        except BadPicture as error:
            raise Refused(NotAPicture(accepted=tuple(FORMATS), path=(path,))) from error
        picture = clean.picture
        with suppress(AlreadyExistsError):  # the same hash, and so the same bytes
            place = _path(merchant_id, picture.sha256)
            await self.writes.run(_put(self.store, place, clean.data))
        return picture

    async def close(self) -> None:
        """End the decoder processes."""
        await self.decoders.close()

    async def fetch(self, merchant_id: int, sha256: str) -> bytes | None:
        """The bytes of a picture, or None. Raises StoreUnreachable or Overloaded."""
        try:
            return await self.reads.run(_get(self.store, _path(merchant_id, sha256)))
        except FileNotFoundError:
            return None

    async def fetch_thumbnail(self, merchant_id: int, sha256: str, width: int) -> bytes | None:
        """A stored thumbnail, or None. Raises StoreUnreachable or Overloaded."""
        return await self.fetch(merchant_id, thumbnail_name(sha256, width))

    async def put_thumbnail(self, merchant_id: int, sha256: str, width: int, data: bytes) -> None:
        """Store a thumbnail beside its picture. Raises StoreUnreachable or Overloaded."""
        path = _path(merchant_id, thumbnail_name(sha256, width))
        with suppress(AlreadyExistsError):  # another process has made it, too
            await self.writes.run(_put(self.store, path, data))

    async def delete_thumbnail(self, merchant_id: int, sha256: str, width: int) -> None:
        """Delete a thumbnail that may exist. Raises StoreUnreachable or Overloaded."""
        path = _path(merchant_id, thumbnail_name(sha256, width))
        await self.writes.run(_delete(self.store, path))

    async def delete(self, merchant_id: int, sha256: str) -> None:
        """Delete a picture that may exist, and its thumbnails.

        Raises StoreUnreachable or Overloaded.
        """
        # The picture first: a thumbnail is made from it.
        for name in (sha256, *(thumbnail_name(sha256, width) for width in THUMBNAIL_WIDTHS)):
            await self.writes.run(_delete(self.store, _path(merchant_id, name)))

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
        return folders if merchant_id is not None else folders - {EXPORTS, UPLOADS}

    async def files(self, merchant: str, folder: str) -> dict[str, File]:
        """The files in a merchant's folder by name: the hash, if the file is a picture of ours.

        ``merchant`` is one of ``folders``. Raises StoreUnreachable.
        """
        with self.reads.watch():
            return await asyncio.to_thread(_list_files, self.store, f"{merchant}/{folder}")

    def url(self, merchant_id: int, picture: Picture, width: int | None = None) -> str:
        """A signed URL, valid for 15 to 75 minutes. It stays the same for an hour, to be cached.

        With ``width`` it is that of a thumbnail, unless the picture is no wider.
        """
        valid_until = datetime.now(UTC) + URL_WINDOW
        # Pictures change their addresses at different times, not all at the full hour.
        shift = int(picture.sha256[:_SHIFT_DIGITS], 16) % _URL_STEP_S
        steps = (int(valid_until.timestamp()) - shift) // _URL_STEP_S + 1
        expires = steps * _URL_STEP_S + shift
        thumbnail = None if width is None else thumbnail_width(width, picture.width)
        file = (
            f"{picture.sha256}.{_SUFFIXES[picture.media_type]}"
            if thumbnail is None
            else f"{picture.sha256}-{thumbnail}.{THUMBNAIL_SUFFIX}"
        )
        name = f"{merchant_id}/{file}"
        query = signed_query(self.keys, _PURPOSE, name, expires=expires)
        return f"{self.public_url}/evidence/{name}?{query}"

    def is_valid(self, name: str, *, expires: str, signature: str) -> bool:
        """Whether the URL was signed with our key and has not expired."""
        now = datetime.now(UTC)
        return is_signed(self.keys, _PURPOSE, name, expires=expires, signature=signature, now=now)


def too_large(size: int, pixels: int | None = None, *, path: str = "file") -> PictureTooLarge:
    """The refusal of a file with too many bytes or pixels."""
    return PictureTooLarge(
        bytes=size,
        limit=PICTURE_BYTES_LIMIT,
        pixels=pixels,
        pixel_limit=MAX_PIXELS,
        path=(path,),
    )


def media_type(suffix: str) -> str | None:
    return next((media_type for media_type, other in _SUFFIXES.items() if other == suffix), None)


def thumbnail_name(sha256: str, width: int) -> str:
    """The name of a thumbnail's file; what comes before the dash is the picture's."""
    return f"{sha256}-{width}"


def picture_of(name: str) -> str:
    """The picture that a file belongs to: that of a thumbnail, or its own."""
    return name.partition("-")[0]


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
