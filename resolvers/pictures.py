"""The store of pictures: a folder or a bucket, where a picture lies under its own hash."""

import asyncio
import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore
from PIL import Image, ImageOps

from auth.keys import Keys
from domain.evidence import FORMATS, MAX_PIXELS, PICTURE_BYTES_LIMIT, Picture
from domain.refusals import NotAPicture, PictureTooLarge, Refused

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

    async def keep(self, merchant_id: int, data: bytes) -> Picture:
        """Check, clean and store a picture. Raises Refused (too large, or not a picture)."""
        if len(data) >= PICTURE_BYTES_LIMIT:
            raise Refused(
                PictureTooLarge(bytes=len(data), limit=PICTURE_BYTES_LIMIT, path=("file",))
            )
        picture, clean = await asyncio.to_thread(_clean, data)
        with suppress(AlreadyExistsError):  # the same bytes, by their hash: stored once
            await obstore.put_async(
                self.store, _path(merchant_id, picture.sha256), clean, mode="create"
            )
        return picture

    async def fetch(self, merchant_id: int, sha256: str) -> bytes | None:
        try:
            found = await obstore.get_async(self.store, _path(merchant_id, sha256))
        except FileNotFoundError:
            return None
        return bytes(await found.bytes_async())

    async def folders(self, merchant_id: int | None = None) -> set[str]:
        """The folders of all merchants, or those of one: named for how its files' names begin."""
        # In a thread, as here and below the library's own coroutines can abort a process that ends
        # soon after: `aftersales doctor` would be asked for its exit status in vain.
        prefix = None if merchant_id is None else str(merchant_id)
        listed = await asyncio.to_thread(obstore.list_with_delimiter, self.store, prefix)
        return {path.rpartition("/")[2] for path in listed["common_prefixes"]}

    async def files(self, merchant: str, folder: str) -> dict[str, File]:
        """What lies in a merchant's folder, by name: the hash of a picture, if it is one of ours.

        ``merchant`` is one of the ``folders``.
        """
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


def _listed(store: ObjectStore, prefix: str) -> dict[str, File]:
    return {
        one["path"].removeprefix(f"{prefix}/"): File(one["size"], one["last_modified"])
        for chunk in obstore.list(store, prefix)
        for one in chunk
    }


def folder_of(sha256: str) -> str:
    """The folder within its merchant's in which a picture lies."""
    return sha256[:FOLDER_LETTERS]


def _clean(data: bytes) -> tuple[Picture, bytes]:
    """Decode all of it and encode it anew: no metadata, and nothing that hides behind a picture."""
    try:
        kind, upright = _decode(data)
    except Exception as error:  # a decoder that is fed with anything raises anything
        raise Refused(NotAPicture(accepted=tuple(FORMATS), path=("file",))) from error
    if "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if kind == "JPEG" and upright.mode not in ("L", "RGB"):
        upright = upright.convert("RGB")
    out = io.BytesIO()
    # A new image carries the pixels alone: location and other metadata stay behind.
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    if upright.mode == "P" and (palette := upright.getpalette()):
        bare.putpalette(palette)
    bare.save(out, format=kind, **({"quality": 90} if kind != "PNG" else {}))
    clean = out.getvalue()
    picture = Picture(
        sha256=hashlib.sha256(clean).hexdigest(),
        media_type=FORMATS[kind],
        bytes=len(clean),
        width=bare.width,
        height=bare.height,
    )
    return picture, clean


def _decode(data: bytes) -> tuple[str, Image.Image]:
    """The format and the picture, the right way up."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError(image.size)
        image.load()
        # Many phones write a second picture behind the first, and that makes their JPEG an MPO.
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        return kind, ImageOps.exif_transpose(image)
