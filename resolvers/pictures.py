"""The store of pictures: a folder or a bucket, where a picture lies under its own hash."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore

from auth.keys import Keys
from domain.evidence import FORMATS, PICTURE_BYTES_LIMIT, Picture
from domain.refusals.pictures import NotAPicture, PictureTooLarge
from domain.refusals.refusal import Refused
from resolvers.decoding.decoders import Decoders
from resolvers.decoding.headers import BadPicture
from resolvers.store_reach import StoreReach

LONGEST_READ: Final = timedelta(seconds=5)
LONGEST_WRITE: Final = timedelta(seconds=10)
URL_WINDOW: Final = timedelta(minutes=15)
FOLDER_LETTERS: Final = 2
"""So many letters of its hash name the folder of a picture."""
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
    """Puts pictures away and makes addresses for them that expire."""

    store: ObjectStore
    keys: Keys
    public_url: str = ""
    decoders: Decoders = field(default_factory=Decoders)
    reads: StoreReach = field(default_factory=lambda: StoreReach("reading", LONGEST_READ))
    writes: StoreReach = field(default_factory=lambda: StoreReach("writing", LONGEST_WRITE))

    async def keep(self, merchant_id: int, data: bytes, asker: object = None) -> Picture:
        """Check, clean and store a picture; ``asker`` is whose share of the decoders it takes.

        Raises Refused (too large, or not a picture), Overloaded where too many are decoded, and
        StoreUnreachable.
        """
        if len(data) >= PICTURE_BYTES_LIMIT:
            raise Refused(
                PictureTooLarge(bytes=len(data), limit=PICTURE_BYTES_LIMIT, path=("file",))
            )
        try:
            clean = await self.decoders.clean(data, asker)
        except BadPicture as error:
            raise Refused(NotAPicture(accepted=tuple(FORMATS), path=("file",))) from error
        picture = clean.picture
        path = _path(merchant_id, picture.sha256)
        with suppress(AlreadyExistsError):  # the same bytes, by their hash: stored once
            await self.writes.ask(_put(self.store, path, clean.data))
        return picture

    async def close(self) -> None:
        """End the processes that decode."""
        await self.decoders.close()

    async def fetch(self, merchant_id: int, sha256: str) -> bytes | None:
        """Raises StoreUnreachable, and Overloaded."""
        try:
            return await self.reads.ask(_get(self.store, _path(merchant_id, sha256)))
        except FileNotFoundError:
            return None

    @property
    def is_away(self) -> bool:
        """Whether the store failed when it was last read, or last written to."""
        return self.reads.is_away or self.writes.is_away

    async def folders(self, merchant_id: int | None = None) -> set[str]:
        """The folders of all merchants, or those of one: named for how its files' names begin.

        Raises StoreUnreachable.
        """
        # In a thread, as here and below the library's own coroutines can abort a process that ends
        # soon after: `aftersales doctor` would be asked for its exit status in vain.
        prefix = None if merchant_id is None else str(merchant_id)
        with self.reads.watch():
            listed = await asyncio.to_thread(obstore.list_with_delimiter, self.store, prefix)
        return {path.rpartition("/")[2] for path in listed["common_prefixes"]}

    async def files(self, merchant: str, folder: str) -> dict[str, File]:
        """What lies in a merchant's folder, by name: the hash of a picture, if it is one of ours.

        ``merchant`` is one of the ``folders``. Raises StoreUnreachable.
        """
        with self.reads.watch():
            return await asyncio.to_thread(_listed, self.store, f"{merchant}/{folder}")

    def url(self, merchant_id: int, picture: Picture) -> str:
        """An address that is good for 15 to 20 minutes; the same one for 5, to be cached."""
        until = datetime.now(UTC) + URL_WINDOW
        expires = (int(until.timestamp()) // _URL_STEP_S + 1) * _URL_STEP_S
        name = f"{merchant_id}/{picture.sha256}.{_SUFFIXES[picture.media_type]}"
        query = urlencode(
            {"expires": expires, "signature": self.keys.sign(_PURPOSE, f"{name}?{expires}")}
        )
        return f"{self.public_url}/evidence/{name}?{query}"

    def is_valid(self, name: str, *, expires: str, signature: str) -> bool:
        """Whether the address was made here and has not expired."""
        signed = self.keys.verify(_PURPOSE, f"{name}?{expires}", signature)
        return signed and datetime.now(UTC).timestamp() < int(expires)


def media_type(suffix: str) -> str | None:
    return next((kind for kind, said in _SUFFIXES.items() if said == suffix), None)


def _path(merchant_id: int, sha256: str) -> str:
    return f"{merchant_id}/{folder_of(sha256)}/{sha256}"


async def _put(store: ObjectStore, path: str, data: bytes) -> None:
    await obstore.put_async(store, path, data, mode="create")


async def _get(store: ObjectStore, path: str) -> bytes:
    found = await obstore.get_async(store, path)
    return bytes(await found.bytes_async())


def _listed(store: ObjectStore, prefix: str) -> dict[str, File]:
    return {
        one["path"].removeprefix(f"{prefix}/"): File(one["size"], one["last_modified"])
        for chunk in obstore.list(store, prefix)
        for one in chunk
    }


def folder_of(sha256: str) -> str:
    """The folder within its merchant's in which a picture lies."""
    return sha256[:FOLDER_LETTERS]
